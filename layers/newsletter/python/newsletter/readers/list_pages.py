"""The list page by page, for whoever goes through it; a page is never all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from newsletter.readers.domain.subscriber import Status, Subscriber
    from newsletter.readers.domain.suppression import Suppression


@dataclass(frozen=True, slots=True)
class SubscriberPage:
    """Some readers, in an order that is the same every time and means nothing."""

    subscribers: Sequence[Subscriber]
    unreadable: Sequence[str]
    """Ids of records on this page that cannot be read."""
    last_id: str
    """Where the next page begins; empty behind the last one."""


@dataclass(frozen=True, slots=True)
class SuppressionPage:
    """Some suppressions, in such an order."""

    suppressions: Sequence[Suppression]
    last_id: str


@dataclass(frozen=True, slots=True)
class TaggedPage:
    """Some of those who have a tag and may be mailed, in such an order."""

    ids: Sequence[str]
    last_id: str
    """Where the next page begins; empty behind the last one."""


class TaggedReaders(Protocol):
    """Those who have a tag and may be mailed, page by page; all pages together read the list once."""

    def page(self, tag: str, *, after: str, limit: int) -> TaggedPage:
        """Return the next `limit` of them; maybe fewer, with more behind them."""
        ...


class ListPages(Protocol):
    """The list, and all suppressions, page by page; each page costs what it holds, wherever it is."""

    def subscribers(self, *, after: str, limit: int, subscriber_status: Status | None = None) -> SubscriberPage:
        """Return those of the next `limit` records that have this status: maybe none, with more behind them."""
        ...

    def suppressions(self, *, after: str, limit: int) -> SuppressionPage:
        """Return the next suppressions."""
        ...
