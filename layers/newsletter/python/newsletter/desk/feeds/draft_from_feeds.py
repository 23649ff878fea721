"""Three days before a slot that nobody has begun an issue for: a draft of what the publisher's websites have put up.

It is a draft like any other: nothing but a person hands it in. What was decided about a slot is decided once, so that
whoever removes the draft gets no other for that slot.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING

from newsletter.aws.side_by_side import side_by_side
from newsletter.core.slot import Rhythm, in_words
from newsletter.desk.drafts.draft import Draft, NewVersion
from newsletter.desk.drafts.issue_fields import split, values_of
from newsletter.desk.drafts.open_draft import TEMPLATE, first_text, slug_of
from newsletter.desk.feeds.feed import Feed, FeedDraft, FeedDraftOutcome, FeedMemory, FeedOutcome
from newsletter.desk.feeds.gather_feeds import FeedReading, Gathered, gather_feeds
from newsletter.errors import NOTHING_NOW
from newsletter.issues.domain.issue import IssueStatus

if TYPE_CHECKING:
    from newsletter.desk.feed_ports import FeedDraftPorts

LOG = logging.getLogger(__name__)

LEAD = timedelta(hours=72)
"""Before the slot: a day before the first warning that it has no issue."""

PATIENCE = timedelta(hours=6)
"""For a website that does not answer. After that the draft is made of the others, and says which is missing."""

MOST_DRAFTS = 60
"""That are looked at for one of this slot: the last by their names, which begin with their days."""

MOST_REMEMBERED = 500
"""Entries of one feed; five times as many as are read of it, for those that drop out and come back."""

OURS = "feeds"
"""Who saved the first version, where the desk names people."""


def draft_from_feeds(*, ports: FeedDraftPorts, rhythm: Rhythm, now: datetime) -> dict[date, FeedDraftOutcome]:
    """Make the draft of each slot that is near enough, and tell the editors what is in it; all of it can be repeated.

    Args:
        ports: What it touches.
        rhythm: When issues go out, with the days that people skipped and added.
        now: The moment.

    Returns:
        What was decided, by the day of the slot.
    """
    near = list(takewhile(lambda slot: slot - now <= LEAD, rhythm.slots_after(now)))
    feeds = ports.feeds() if near else ()
    decided: dict[date, FeedDraftOutcome] = {}
    for slot in near if feeds else ():
        day = rhythm.day_of(slot)
        feed_draft = ports.gathering.store.draft_of(day)
        if feed_draft is None:
            feed_draft = _decided(slot, day, feeds, ports, rhythm, now)
            decided |= {day: feed_draft.outcome} if feed_draft else {}
        if feed_draft is not None and not feed_draft.informed:
            _inform(slot, day, feed_draft, ports)
    return decided


def _decided(
    slot: datetime, day: date, feeds: Sequence[Feed], ports: FeedDraftPorts, rhythm: Rhythm, now: datetime
) -> FeedDraft | None:
    """Decide about a slot and remember it; None as long as a website may still answer."""
    title, store = ports.writer.title(), ports.gathering.store
    slug = slug_of(day, title)
    begun = ports.drafts.newest(slug)
    if (begun is None or begun.saved_by != OURS) and _is_taken(day, rhythm, ports):
        return _noted(day, FeedDraft(FeedDraftOutcome.TAKEN, informed=True), ports)
    period = timedelta(weeks=rhythm.period_weeks)
    gathered = gather_feeds(feeds, ports=ports.gathering, period=period, now=now)
    if gathered.may_change and slot - now > LEAD - PATIENCE:
        return None
    if gathered.is_unread:
        unread = FeedDraft(FeedDraftOutcome.UNREAD, problems=gathered.problems)
        return _noted(day, unread, ports)
    feed_draft = _noted(day, _made(slug, title, day, gathered, ports), ports)
    # Only now: cut off in between, something may be offered twice; the other way round, nobody would hear of the draft.
    for reading in gathered.readings:
        if reading.answer.outcome in (FeedOutcome.READ, FeedOutcome.UNCHANGED):
            store.remember(reading.feed.address, _memory(reading, now))
    return feed_draft


def _made(slug: str, title: str, day: date, gathered: Gathered, ports: FeedDraftPorts) -> FeedDraft:
    """Write the draft, unless there is nothing to write; what an earlier try has written stays as it is."""
    if not gathered.offered:
        return FeedDraft(FeedDraftOutcome.NOTHING_NEW, problems=gathered.problems, informed=not gathered.problems)
    below = ports.writer.text(gathered.offered, more=gathered.more)
    text = first_text(title, day, ports.content.read(TEMPLATE), status_word="draft", below=below)
    written = ports.drafts.write(NewVersion(slug, text, OURS), over=None)
    stands = written or ports.drafts.newest(slug)
    if stands is None or stands.saved_by != OURS:
        return FeedDraft(FeedDraftOutcome.TAKEN, informed=True)
    titles = tuple(entry.title or entry.link for entry in gathered.offered)
    return FeedDraft(FeedDraftOutcome.MADE, slug, titles, gathered.more, gathered.problems)


def _noted(day: date, feed_draft: FeedDraft, ports: FeedDraftPorts) -> FeedDraft:
    ports.gathering.store.note_draft(day, feed_draft)
    return feed_draft


def _inform(slot: datetime, day: date, feed_draft: FeedDraft, ports: FeedDraftPorts) -> None:
    """Mail the editors. Cut off before it is noted, they hear of it twice, which is better than never."""
    try:
        ports.editors.tell(
            "editors_feed_draft", slot=in_words(slot), outcome=feed_draft.outcome.value, titles=feed_draft.titles,
            more=feed_draft.more, unread=feed_draft.problems,
            address=f"{ports.public_url}/desk/issues/{feed_draft.slug}/write/" if feed_draft.slug else "",
        )  # fmt: skip
    except NOTHING_NOW as refusal:
        LOG.warning("the editors do not hear yet of the draft from feeds: %s", refusal)
        return  # not noted, so the next look tells them
    _noted(day, replace(feed_draft, informed=True), ports)


def _memory(reading: FeedReading, now: datetime) -> FeedMemory:
    """Return what to remember of a feed once its new entries are offered; entries seen before may come back."""
    if reading.answer.outcome is FeedOutcome.UNCHANGED:
        return replace(reading.memory, read_at=now)
    seen = [entry.entry_id for entry in reading.answer.entries]
    earlier = sorted(reading.memory.entry_ids.difference(seen))[: MOST_REMEMBERED - len(seen)]
    return FeedMemory(frozenset([*seen, *earlier]), reading.answer.etag, reading.answer.modified, now)


def _is_taken(day: date, rhythm: Rhythm, ports: FeedDraftPorts) -> bool:
    """Return whether somebody has begun an issue for this slot: one that was uploaded, or one that is being written."""
    if ports.holder(day):
        return True
    issues = ports.gathering.issues
    if any(each.may_go(day) and not each.withdrawn for each in issues.with_status(IssueStatus.READY)):
        return True
    after = _slot_before(day, rhythm)
    if any(after < each.date <= day and not each.withdrawn for each in issues.with_status(IssueStatus.DRAFT)):
        return True
    reads = [partial(ports.drafts.newest, slug) for slug in ports.drafts.slugs()[-MOST_DRAFTS:]]
    drafts: list[Draft | None] = side_by_side(reads, ports.gathering.threads) if reads else []
    meant = [each for each in drafts if each is not None and after < (_date_of(each) or after) <= day]
    # One that was handed in is an issue, and was looked at as one.
    return any(issues.get(each.slug) is None for each in meant)


def _slot_before(day: date, rhythm: Rhythm) -> date:
    first = day - timedelta(weeks=rhythm.period_weeks)
    earlier = list(takewhile(lambda each: each < day, rhythm.days_from(first)))
    return earlier[-1] if earlier else first


def _date_of(draft: Draft) -> date | None:
    try:
        return date.fromisoformat(values_of(split(draft.text)[0]).get("date", ""))
    except ValueError:
        return None
