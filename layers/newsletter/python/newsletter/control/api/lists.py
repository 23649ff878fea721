"""The list and all suppressions, page by page: of a function that can change nothing."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.control.api.cursor import LONGEST, cursor_of, position_of
from newsletter.control.api.fields import page_size, up_to
from newsletter.control.api.readers import SubscriberShown, SuppressionShown, subscriber_shown, suppression_shown
from newsletter.control.api.request import ApiRequest, ApiRoute, Nothing
from newsletter.desk.domain.act import Act
from newsletter.readers.domain.subscriber import Status

SUBSCRIBERS, SUPPRESSIONS = "subscribers", "suppressions"


@dataclass(frozen=True, slots=True)
class SubscriberQuery:
    """Which readers."""

    status: Status | None = None
    """Only those whose status this is. A page may hold fewer than `limit` then, or none, and still have a next one."""
    limit: int = page_size()
    """Items of a page."""
    cursor: str = up_to(LONGEST, default="")
    """`next` of the page before."""


@dataclass(frozen=True, slots=True)
class SuppressionQuery:
    """Which page of suppressions."""

    limit: int = page_size()
    """Items of a page."""
    cursor: str = up_to(LONGEST, default="")
    """`next` of the page before."""


@dataclass(frozen=True, slots=True)
class SubscriberList:
    """A page of readers, in an order that means nothing and stays the same."""

    items: tuple[SubscriberShown, ...]
    unreadable: tuple[str, ...]
    """Ids of records on this page that cannot be read; `newsletter subscribers repair` mends them."""
    next: str | None
    """The cursor of the next page; null on the last one."""


@dataclass(frozen=True, slots=True)
class SuppressionList:
    """A page of suppressions, in such an order."""

    items: tuple[SuppressionShown, ...]
    next: str | None
    """The cursor of the next page; null on the last one."""


def list_subscribers(request: ApiRequest[SubscriberQuery, Nothing]) -> SubscriberList:
    """List the readers. Whoever joins while the pages are read may be missing; nobody is on two of them."""
    query = request.query
    (after,) = position_of(query.cursor, SUBSCRIBERS, 1)
    page = request.app.list_pages.subscribers(after=after, limit=query.limit, subscriber_status=query.status)
    return SubscriberList(
        tuple(subscriber_shown(each) for each in page.subscribers if not each.moved_to),
        tuple(page.unreadable),
        cursor_of(SUBSCRIBERS, page.last_id) if page.last_id else None,
    )


def list_suppressions(request: ApiRequest[SuppressionQuery, Nothing]) -> SuppressionList:
    """List the addresses that must not be mailed, by the ids of their readers."""
    query = request.query
    (after,) = position_of(query.cursor, SUPPRESSIONS, 1)
    page = request.app.list_pages.suppressions(after=after, limit=query.limit)
    return SuppressionList(
        tuple(suppression_shown(each) for each in page.suppressions),
        cursor_of(SUPPRESSIONS, page.last_id) if page.last_id else None,
    )


ROUTES = (
    ApiRoute("GET", "/subscribers", Act.CARRY, list_subscribers, query=SubscriberQuery),
    ApiRoute("GET", "/suppressions", Act.CARRY, list_suppressions, query=SuppressionQuery),
)
