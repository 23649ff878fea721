"""The record of an issue, all but its text: where it stands, and what may happen to it next."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from zoneinfo import ZoneInfo

from newsletter.core.archive_entry import ArchiveEntry
from newsletter.core.time_zones import WallTime
from newsletter.issues.domain.issue import IssueStatus, SendPolicy

LOCKED = frozenset({IssueStatus.SENDING, IssueStatus.PAUSED, IssueStatus.SENT, IssueStatus.CANCELLED})
"""Once a send was opened, an upload corrects the web page and the feeds and never the mail."""


class Wait(StrEnum):
    """What an issue waits for although its day has come."""

    RELEASE = "release"
    """An editor held it."""
    APPROVAL = "approval"
    """Nobody approved exactly this content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """How lists name an issue."""

    title: str
    summary: str
    date: datetime.date
    lang: str
    topics: tuple[str, ...]
    translated_into: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRecord:
    """One issue, as the table knows it."""

    slug: str
    status: IssueStatus
    title: str
    subject: str
    summary: str
    date: datetime.date
    content_hash: str
    """Of the newest good upload, rendered; what readers see is `cleared`."""
    send: SendPolicy = SendPolicy.SCHEDULED
    send_at: WallTime | None = None
    """Its own hour, by the newsletter's clock; None unless `send` is AT."""
    lang: str = "en"
    translated_into: tuple[str, ...] = ()
    """The languages it has beside its own."""
    once_translated_into: tuple[str, ...] = ()
    """The languages that it has or had: where the site may show it."""
    topics: tuple[str, ...] = ()
    audience: str = ""
    """The part of the list that it goes to, or went to; empty for everybody."""
    digest: str = ""
    """The month whose digest it is. It has a page, and stands in no list: what it names stands there already."""
    sequencer: str = ""
    """S3's order of events on one key; a smaller one is older news."""
    announced: str = ""
    """What the editors were last told about: the hash of the file and the hash of what it became."""
    listed: bool = False
    """Whether the site shows it: what `public_version` said when the site was last made to agree."""
    withdrawn: bool = False
    version: str = ""
    """Of the file, in the bucket."""
    announced_version: str = ""
    """Of the file the editors were last told about; the next mail shows what changed since."""
    announced_translations: Mapping[str, str] | None = None
    """The same of each translation, by its code; None before an editor was told about any since there are these."""
    preflight: Mapping[str, int] = field(default_factory=dict)
    """How many `errors` and `warnings` the checks found, and how many `audience_readers` they counted in its part."""
    approved: str = ""
    """The content an editor approved."""
    held: bool = False
    """Whether an editor stopped it from going out."""
    decisions: tuple[str, ...] = ()
    """What editors decided, by link or at the command line: moment, verb, content and, as far as known, the person."""
    uploaded_by: str = ""
    """Whoever uploaded last, as far as AWS says; empty where it does not."""
    sent_hash: str = ""
    """The content its send is locked to."""
    corrected_at: datetime.datetime | None = None
    """When what the page shows last became different from what was sent."""
    sent_at: datetime.datetime | None = None
    leaves_at: datetime.datetime | None = None
    """When an issue that asks to go out at once does, or one with its own hour may: till then an editor can hold it."""
    shown: datetime.date | None = None
    """The date under which the site shows the issue: where to take it away when the date changes."""
    cleared: str = ""
    """The newest content that readers may see once the issue is public: approved, where that is required."""
    cleared_headline: Headline | None = None
    """How lists name the cleared content, while a newer one waits for its approval."""
    preview_since: datetime.datetime | None = None
    """When the address of its preview page was made, to the second; a new moment ends the old address."""

    def may_go(self, today: datetime.date) -> bool:
        """Return whether the editors meant this issue to be sent by this day; never true of one with its own hour."""
        in_turn = self.send in (SendPolicy.SCHEDULED, SendPolicy.NOW)
        return self.status is IssueStatus.READY and in_turn and self.date <= today

    def goes_at(self, zone: ZoneInfo) -> datetime.datetime | None:
        """Return the moment of its own hour, later if its editors would not have had time to hold it; None without.

        Args:
            zone: The newsletter's time zone.
        """
        if self.send is not SendPolicy.AT or self.send_at is None:
            return None
        moment = self.send_at.moment(zone)
        if self.leaves_at is None or self.leaves_at <= moment.astimezone(datetime.UTC):
            return moment
        return self.leaves_at.astimezone(zone)

    def waits_for(self, *, needs_approval: bool) -> Wait | None:
        """Return what must happen before this issue is sent, whatever its date; None when nothing must."""
        if self.held:
            return Wait.RELEASE
        return Wait.APPROVAL if needs_approval and self.approved != self.content_hash else None

    def due(self, today: datetime.date, *, needs_approval: bool) -> bool:
        """Return whether this issue may be sent on this day."""
        return self.may_go(today) and self.waits_for(needs_approval=needs_approval) is None

    def as_cleared(self) -> IssueRecord | None:
        """Return the issue with the content that readers may see, or None if there is none yet."""
        if self.cleared in ("", self.content_hash):
            return self if self.cleared else None
        seen = replace(self, content_hash=self.cleared)
        if self.cleared_headline is None:
            return seen
        named = self.cleared_headline
        return replace(
            seen,
            title=named.title,
            summary=named.summary,
            date=named.date,
            lang=named.lang,
            topics=named.topics,
            translated_into=named.translated_into,
        )

    @property
    def headline(self) -> Headline:
        """How lists name the newest content."""
        return Headline(
            title=self.title,
            summary=self.summary,
            date=self.date,
            lang=self.lang,
            topics=self.topics,
            translated_into=self.translated_into,
        )

    @property
    def was_seen(self) -> bool:
        """Whether readers may ever have seen it, or do: before a page is written, the record says so."""
        return self.listed or self.shown is not None or bool(self.sent_hash) or self.sent_at is not None

    @property
    def comes_by_itself(self) -> bool:
        """Whether nothing but its date keeps this issue from being public: it is for the archive only."""
        free = bool(self.cleared) and not self.held and not self.withdrawn
        return free and self.status is IssueStatus.READY and self.send is SendPolicy.NEVER


def latest_issue(
    sent: Sequence[IssueRecord], public: Callable[[IssueRecord], IssueRecord | None]
) -> ArchiveEntry | None:
    """Return the last of these, oldest first, that readers may see and that is no digest; None if there is none."""
    seen = [shown for record in sent if not record.digest and (shown := public(record))]
    return ArchiveEntry.of(seen[-1]) if seen else None
