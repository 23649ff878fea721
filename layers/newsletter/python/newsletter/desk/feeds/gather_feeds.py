"""What is new in the feeds since the last issue, whatever their websites say of its dates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from newsletter.aws.side_by_side import side_by_side
from newsletter.desk.feeds.feed import Feed, FeedAnswer, FeedEntry, FeedMemory, FeedOutcome

if TYPE_CHECKING:
    from newsletter.desk.feed_ports import GatherFeedsPorts
    from newsletter.issues.ports import IssueStore

MOST_OFFERED = 20
"""Entries of one draft. An issue has five to ten; whoever has more to choose from chooses worse."""

BEFORE_AN_ISSUE = timedelta(days=4)
"""The draft of an issue was made at most so long before that went out: three days, and the hours it may be late."""

RECENT = 5
"""Issues that are looked at for the last that went out; those before it may be corrections or for the archive only."""


@dataclass(frozen=True, slots=True)
class FeedReading:
    """What one feed said, and what of it is new."""

    feed: Feed
    answer: FeedAnswer
    memory: FeedMemory
    """As it was before."""
    new_entries: tuple[FeedEntry, ...] = ()

    @property
    def problem(self) -> str:
        """Why it could not be read, as a sentence; empty if it was."""
        match self.answer.outcome:
            case FeedOutcome.GONE:
                return f"“{self.feed.name}” says that it is gone for good (410); take it out of the settings."
            case FeedOutcome.FAILED:
                return f"“{self.feed.name}” {self.answer.problem}."
        return ""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What all feeds said."""

    readings: tuple[FeedReading, ...]
    offered: tuple[FeedEntry, ...]
    """What is new, the newest first, as much as a draft holds."""
    more: int
    """How many new entries there are besides."""

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read, in sentences."""
        return tuple(each.problem for each in self.readings if each.problem)

    @property
    def may_change(self) -> bool:
        """Whether another look may find more: a feed failed, and did not say that it is gone."""
        return any(each.answer.outcome is FeedOutcome.FAILED for each in self.readings)

    @property
    def is_unread(self) -> bool:
        """Whether not a single feed was read."""
        return len(self.problems) == len(self.readings)


def gather_feeds(
    feeds: Sequence[Feed], *, ports: GatherFeedsPorts, period: timedelta, now: datetime, afresh: bool = False
) -> Gathered:
    """Ask every feed, all at the same time, and return what is new.

    New is what was published since the last issue, or since a draft for it was made, and was not in the feed then.
    What has no date, or one that is still to come, is new when it is seen first.

    Args:
        feeds: Which.
        ports: What it touches.
        period: How far to look back as long as no issue went out.
        now: The moment.
        afresh: Take no "nothing is different" for an answer: somebody wants to see what there is.
    """
    if not feeds:
        return Gathered((), (), 0)
    last_issue_at = _last_issue_at(ports.issues) or now - period
    memories = [ports.store.memory(feed.address) for feed in feeds]
    asked = [_asked(feed, memory, ports, afresh=afresh) for feed, memory in zip(feeds, memories, strict=True)]
    answers: list[FeedAnswer] = side_by_side(asked, ports.threads)
    readings = tuple(
        FeedReading(feed, answer, memory, tuple(_new(answer, memory, _since(memory, last_issue_at), now)))
        for feed, answer, memory in zip(feeds, answers, memories, strict=True)
    )
    entries = _newest_first(readings, now)
    return Gathered(readings, tuple(entries[:MOST_OFFERED]), max(len(entries) - MOST_OFFERED, 0))


def _asked(feed: Feed, memory: FeedMemory, ports: GatherFeedsPorts, *, afresh: bool) -> partial[FeedAnswer]:
    known = {} if afresh else {"etag": memory.etag, "modified": memory.modified}
    return partial(ports.reader.read, feed.address, **known)


def _last_issue_at(issues: IssueStore) -> datetime | None:
    return max((each.sent_at for each in issues.newest(RECENT) if each.sent_at is not None), default=None)


def _since(memory: FeedMemory, last_issue_at: datetime) -> datetime:
    """Return from when on an entry is new.

    Between the draft of an issue and its hour lie three days, and what was put up then is in no issue yet.
    """
    read_at = memory.read_at
    made_for_it = read_at is not None and last_issue_at - BEFORE_AN_ISSUE <= read_at <= last_issue_at
    return read_at if made_for_it and read_at is not None else last_issue_at


def _new(answer: FeedAnswer, memory: FeedMemory, since: datetime, now: datetime) -> Iterator[FeedEntry]:
    for entry in answer.entries:
        dated = entry.published_at is not None and entry.published_at <= now
        if entry.entry_id not in memory.entry_ids and (not dated or _moment(entry, now) > since):
            yield entry


def _newest_first(readings: Sequence[FeedReading], now: datetime) -> list[FeedEntry]:
    """Return each entry once, also where two feeds of a website hold it."""
    entries: dict[str, FeedEntry] = {}
    for reading in readings:
        for entry in reading.new_entries:
            entries.setdefault(entry.link or entry.entry_id, entry)
    return sorted(entries.values(), key=lambda entry: _moment(entry, now), reverse=True)


def _moment(entry: FeedEntry, now: datetime) -> datetime:
    return min(entry.published_at or now, now)
