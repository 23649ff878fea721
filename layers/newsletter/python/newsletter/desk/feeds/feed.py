"""A feed of a website: what it says at a look, and what is remembered of it until the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MOST_ENTRIES = 100
"""Of one feed, the newest: five times as many as a draft holds."""

LONGEST_TITLE = 200
LONGEST_SUMMARY = 400
"""Characters: two or three sentences, which the writer shortens."""

LONGEST_ADDRESS = 2_000
"""Characters of a link. Browsers take more, mail programs do not always."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed that the settings name."""

    name: str
    """What the editors call it."""
    address: str


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One thing that a website put up. All of it was written by others: plain text of one line each."""

    entry_id: str
    """A digest of what the feed knows it by."""
    title: str
    link: str = ""
    """With http: or https:; empty if it has none that can be followed."""
    summary: str = ""
    picture: str = ""
    """The address of a picture on that website."""
    published_at: datetime | None = None


class FeedOutcome(StrEnum):
    """What came of asking for a feed."""

    READ = "read"
    UNCHANGED = "unchanged"
    """It says that nothing is different since the last look (HTTP 304)."""
    GONE = "gone"
    """It says that it will never be there again (HTTP 410)."""
    FAILED = "failed"
    """It may be there at another time, or once somebody has mended its address."""


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """What a feed said at one look."""

    outcome: FeedOutcome
    entries: tuple[FeedEntry, ...] = ()
    etag: str = ""
    modified: str = ""
    """Both as the website sent them, for the next look."""
    problem: str = ""
    """Why nothing was read, as words that follow the name of the feed."""


@dataclass(frozen=True, slots=True)
class FeedMemory:
    """What is remembered of a feed since a draft was last made of it."""

    entry_ids: frozenset[str] = frozenset()
    """Of the entries that stood in it then: offered, or older."""
    etag: str = ""
    modified: str = ""
    read_at: datetime | None = None


class FeedDraftOutcome(StrEnum):
    """What was decided about a slot, once."""

    MADE = "made"
    NOTHING_NEW = "nothing new"
    TAKEN = "taken"
    """Somebody has begun an issue for it."""
    UNREAD = "unread"
    """No feed could be read, for hours."""


@dataclass(frozen=True, slots=True)
class FeedDraft:
    """What was decided about one slot, and what the editors hear of it."""

    outcome: FeedDraftOutcome
    slug: str = ""
    titles: tuple[str, ...] = ()
    """Of what stands in the draft, in its order."""
    more: int = 0
    """How many there are besides that did not fit."""
    problems: tuple[str, ...] = ()
    """What could not be read, in sentences."""
    informed: bool = False
    """Whether the editors have heard of it."""


def feeds_from_held(held_feeds: Mapping[str, str]) -> tuple[Feed, ...]:
    """Return the feeds of the house style, which holds their addresses by their names."""
    return tuple(Feed(name, address) for name, address in held_feeds.items())
