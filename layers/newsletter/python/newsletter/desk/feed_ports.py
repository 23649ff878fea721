"""What making a draft from feeds touches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from datetime import date

    from newsletter.core.editors import Editors
    from newsletter.desk.draft_ports import Drafts
    from newsletter.desk.feeds.feed import Feed, FeedAnswer, FeedDraft, FeedEntry, FeedMemory
    from newsletter.issues.ports import ContentStore, IssueStore


class FeedReader(Protocol):
    """Asks a website for its feed."""

    def read(self, address: str, *, etag: str = "", modified: str = "") -> FeedAnswer:
        """Return what the feed says. Whatever is wrong with it is an answer, too.

        Args:
            address: Of the feed.
            etag: Of the last look; with one of these two a website may answer that nothing is different.
            modified: The same.
        """
        ...


class FeedStore(Protocol):
    """What is remembered of feeds, and of the slots that were decided about."""

    def memory(self, address: str) -> FeedMemory:
        """Return what is remembered of a feed; of one that was never read, an empty one."""
        ...

    def remember(self, address: str, memory: FeedMemory) -> None: ...

    def draft_of(self, day: date) -> FeedDraft | None:
        """Return what was decided about the slot of this day; None as long as nothing was."""
        ...

    def note_draft(self, day: date, feed_draft: FeedDraft) -> None: ...


class FeedWriter(Protocol):
    """Writes entries as the text of an issue."""

    def title(self) -> str:
        """Return the title of such a draft, in the newsletter's language."""
        ...

    def text(self, entries: Sequence[FeedEntry], *, more: int) -> str:
        """Return Markdown in which nothing of the entries means anything but itself.

        Args:
            entries: In their order.
            more: How many there are besides.
        """
        ...


@dataclass(frozen=True, slots=True)
class GatherFeedsPorts:
    """What looking at feeds touches."""

    reader: FeedReader
    store: FeedStore
    issues: IssueStore
    threads: Executor
    """Asks websites at the same time."""


@dataclass(frozen=True, slots=True)
class FeedDraftPorts:
    """What making a draft of them touches."""

    gathering: GatherFeedsPorts
    feeds: Callable[[], Sequence[Feed]]
    """Returns the feeds that the settings name at this moment."""
    writer: FeedWriter
    drafts: Drafts
    content: ContentStore
    holder: Callable[[date], str | None]
    """Returns which issue has the slot of a day, if any."""
    editors: Editors
    public_url: str
