"""Feeds without a network, and what is remembered of them: held to a contract in test_feed_store_contract.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from newsletter.desk.feeds.feed import FeedAnswer, FeedDraft, FeedEntry, FeedMemory, FeedOutcome


class MemoryFeedStore:
    """What is remembered, in memory."""

    def __init__(self) -> None:
        self.memories: dict[str, FeedMemory] = {}
        self.feed_drafts: dict[date, FeedDraft] = {}

    def memory(self, address: str) -> FeedMemory:
        return self.memories.get(address, FeedMemory())

    def remember(self, address: str, memory: FeedMemory) -> None:
        self.memories[address] = memory

    def draft_of(self, day: date) -> FeedDraft | None:
        return self.feed_drafts.get(day)

    def note_draft(self, day: date, feed_draft: FeedDraft) -> None:
        self.feed_drafts[day] = feed_draft


@dataclass
class PlainFeeds:
    """Websites that say what a test lets them say."""

    answers: dict[str, FeedAnswer] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Each address, with the ETag that came along."""

    def has(self, address: str, *entries: FeedEntry, etag: str = "") -> None:
        """Let a feed hold these."""
        self.answers[address] = FeedAnswer(FeedOutcome.READ, entries, etag)

    def read(self, address: str, *, etag: str = "", modified: str = "") -> FeedAnswer:
        self.asked.append((address, etag))
        answer = self.answers.get(address, FeedAnswer(FeedOutcome.FAILED, problem="did not answer in time"))
        if etag and answer.etag == etag:
            return replace(answer, outcome=FeedOutcome.UNCHANGED, entries=())
        return answer


class PlainFeedWriter:
    """Writes titles, one a line."""

    def title(self) -> str:
        return "What is new"

    def text(self, entries: Sequence[FeedEntry], *, more: int) -> str:
        return "".join(f"{each.title}\n" for each in entries) + (f"and {more} more\n" if more else "")


def feed_entry(name: str, published_at: datetime | None = None, link: str = "") -> FeedEntry:
    """Return an entry of this name."""
    link = link or f"https://www.example.org/{name}"
    return FeedEntry(name.rjust(16, "0"), name, link, published_at=published_at)
