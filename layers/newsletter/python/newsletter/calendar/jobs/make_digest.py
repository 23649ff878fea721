"""The first days of a month: have the draft of a digest made of what went out in the month before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from newsletter.calendar.domain.digest import DigestResult, DigestWords, digest_file, digest_hour, digest_slug
from newsletter.calendar.domain.notice import Notice
from newsletter.calendar.ports import SlotCalendar
from newsletter.core.archive_entry import ArchiveEntry
from newsletter.core.audience.expression import AudienceExpression
from newsletter.core.audience.part_of_list import PartOfList
from newsletter.core.audience.reading_rhythm import ReadingRhythm, month_before, month_of
from newsletter.core.slot import Rhythm
from newsletter.issues.document_ports import DraftStore
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.upload import FOLDER
from newsletter.issues.ports import IssueStore, PublishQueue
from newsletter.sending.ports import SendStore

MORNING = time(8)
"""From when on it is made: the issues of the last evening are open by then, and whoever approves it is awake."""

FIRST_DAYS = 3
"""Of a month, on which it is asked for: a day without a look loses nothing, and later looks cost nothing."""

LOOKED_AT = 60
"""Of the newest issues: one a day for two months, whose cover dates need not be the days on which they went out."""


@dataclass(frozen=True, slots=True)
class DigestPorts:
    """What making a digest touches."""

    issues: IssueStore
    sends: SendStore
    drafts: DraftStore
    public: Callable[[IssueRecord], IssueRecord | None]
    """Returns an issue as readers may see it, or None."""
    offers_digest: Callable[[], bool]
    """Returns whether readers can choose a digest, at this moment."""
    count: Callable[[AudienceExpression], int]
    """Returns how many readers are in a part of the list."""
    words: Callable[[str, Sequence[date]], DigestWords]
    """Returns what the digest of a month says of itself, and the days of its issues in words."""


def ask_for_digest(*, calendar: SlotCalendar, publish_queue: PublishQueue, rhythm: Rhythm, now: datetime) -> str:
    """Ask once for the digest of the month before; return that month if it was asked for at this look, else nothing.

    Whoever gets the message knows whether there is one to be made. Cut off between the two, it is asked for twice.
    """
    local = now.astimezone(rhythm.time_zone)
    if local.day > FIRST_DAYS or (local.day == 1 and local.time() < MORNING):
        return ""
    first_day, month = local.date().replace(day=1), month_before(month_of(local.date()))
    if Notice.DIGEST in calendar.notices(first_day):
        return ""
    publish_queue.make_digest(month)
    calendar.note_notice(first_day, Notice.DIGEST)
    return month


def make_digest(month: str, *, ports: DigestPorts, rhythm: Rhythm, now: datetime) -> DigestResult:
    """Write the draft of a digest among the files of the editors, once, and never over anything that stands there.

    The draft is an upload like any other: its preview follows from it, and it goes out when it is made ready and, where
    that is required, approved.
    """
    if not ports.offers_digest():
        return DigestResult.NOT_OFFERED
    slug = digest_slug(month)
    if ports.issues.get(slug) is not None:  # also of one that its editors have withdrawn
        return DigestResult.ALREADY
    sent = _sent_in(month, ports, rhythm)
    if not sent:
        return DigestResult.NOTHING_SENT
    expression = PartOfList(reading_rhythm=ReadingRhythm.MONTHLY, month=month).expression
    if expression is not None and not ports.count(expression):
        return DigestResult.NOBODY
    words = ports.words(month, [day for day, _ in sent])
    hour = digest_hour(month, today=rhythm.local_date(now), time_of_day=time(rhythm.hour, rhythm.minute))
    draft = digest_file(month, [entry for _, entry in sent], words, hour=hour)
    written = ports.drafts.add(f"{FOLDER}{slug}.md", draft.encode())
    return DigestResult.MADE if written else DigestResult.ALREADY


def _sent_in(month: str, ports: DigestPorts, rhythm: Rhythm) -> list[tuple[date, ArchiveEntry]]:
    """Return the issues whose send was opened in this month, the oldest first, each with that day."""
    found = []
    for record in ports.issues.newest(LOOKED_AT):
        send = ports.sends.get(record.slug) if record.sent_hash and not record.digest else None
        public = ports.public(record)
        if send is None or send.unreadable or send.cancelled or public is None:
            continue
        if month_of(rhythm.local_date(send.opened_at)) == month:
            found.append((send.opened_at, ArchiveEntry.of(public)))
    return [(rhythm.local_date(opened_at), entry) for opened_at, entry in sorted(found, key=lambda each: each[0])]
