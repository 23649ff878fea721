"""Sends: how one stands, and steering it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from newsletter.control.api.cursor import LONGEST, cursor_of, position_of
from newsletter.control.api.fields import page_size, up_to
from newsletter.control.api.problems import FieldFault, invalid
from newsletter.control.api.request import ApiRequest, ApiRoute, Nothing
from newsletter.control.desk.overview.send import CANCELLED, LONGEST_REASON, PAUSED, RESUMED
from newsletter.core.audience.words import part_in_words
from newsletter.core.text import one_line
from newsletter.desk.domain.act import Act
from newsletter.issues.domain.issue_record import LOCKED
from newsletter.sending.domain.reach import Reach
from newsletter.sending.domain.send import PausedBy, SendState
from newsletter.sending.jobs.cancel_send import cancel_send as cancel
from newsletter.sending.jobs.pause_send import pause_send as pause
from newsletter.sending.jobs.resume_send import resume_send as resume
from newsletter.sending.jobs.send_status import send_status

LISTED = "sends"


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which page."""

    limit: int = page_size()
    """Items of a page."""
    cursor: str = up_to(LONGEST, default="")
    """`next` of the page before."""


@dataclass(frozen=True, slots=True)
class SendLine:
    """A send in short."""

    slug: str
    """Its name: that of the issue."""
    state: SendState
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SendList:
    """A page of sends, the newest issue first."""

    items: tuple[SendLine, ...]
    next: str | None
    """The cursor of the next page; null on the last one."""


@dataclass(frozen=True, slots=True)
class BooksShown:
    """How many recipients ended how: audience = sent + skipped + failed when a send is closed."""

    audience: int
    sent: int
    waiting: int
    unknown: int
    """Without a clear answer of Amazon SES so far."""
    skipped: Mapping[str, int]
    """By reason."""
    failed: Mapping[str, int]
    """By reason."""
    found_late: int
    perhaps_twice: int
    balanced: bool
    """Whether everybody is accounted for."""


@dataclass(frozen=True, slots=True)
class MissedShown:
    """Readers who could have been mailed and were not, for one reason."""

    outcome: str
    readers: int
    remedies: tuple[str, ...]
    """Commands of `newsletter` that reach them after all, in the order in which to run them."""


@dataclass(frozen=True, slots=True)
class ForecastShown:
    """What a send was expected to take when it was opened."""

    recipients: int
    duration: str
    """In words."""
    seconds: int
    beyond_quota: int
    """Recipients for whom the quota of the day is not enough."""
    ses_usd: float
    own_usd: float
    """Beside Amazon SES's fee."""


@dataclass(frozen=True, slots=True)
class SendShown:
    """A send at this moment."""

    slug: str
    state: SendState
    opened_at: datetime
    closed_at: datetime | None
    paused_because: str
    """Empty unless it is paused."""
    resume_at: datetime | None
    """When it goes on by itself."""
    cancelled_because: str
    expected_end: datetime | None
    in_hand: int
    """How many of those who wait may have it by now."""
    books: BooksShown
    missed: tuple[MissedShown, ...]
    paused_by: PausedBy | None
    """Who or what paused it; null unless it is paused."""
    doubts_wait_for: str
    """A sentence: what recipients in doubt wait for; empty if nobody is."""
    round: int
    """How often it was planned; the second takes those who joined since."""
    forecast: ForecastShown | None
    audience_expression: str
    """Which part of the list it goes to; empty for everybody."""
    goes_to: str
    """The same in words."""
    audience_is_whole: bool
    """Whether it is proven that nobody was left out of the plan."""


@dataclass(frozen=True, slots=True)
class Because:
    """Why something is done; colleagues read it."""

    because: str = up_to(LONGEST_REASON)


def list_sends(request: ApiRequest[PageQuery, Nothing]) -> SendList:
    """List the sends, the newest issue first."""
    app, query = request.app, request.query
    records = [record for status in LOCKED for record in app.issues.with_status(status)]
    places = sorted(((record.date.isoformat(), record.slug) for record in records), reverse=True)
    behind = position_of(query.cursor, LISTED, 2)
    left = [place for place in places if not any(behind) or place < behind]
    page = left[: query.limit]
    sends = [send for _, slug in page if (send := app.sends.get(slug))]
    lines = tuple(SendLine(each.slug, each.state, each.opened_at, each.closed_at) for each in sends)
    return SendList(lines, cursor_of(LISTED, *page[-1]) if len(left) > len(page) else None)


def get_send(request: ApiRequest[Nothing, Nothing]) -> SendShown:
    """Show how a send stands, with its books."""
    return _shown(request)


def pause_send(request: ApiRequest[Nothing, Because]) -> SendShown:
    """Pause a send."""
    because = _reason(request)
    pause(request.parts["name"], because, ports=request.app.steering_ports, now=request.now)
    return _steered(request, PAUSED, because)


def resume_send(request: ApiRequest[Nothing, Nothing]) -> SendShown:
    """Let a send go on."""
    resume(request.parts["name"], ports=request.app.steering_ports, now=request.now)
    return _steered(request, RESUMED)


def cancel_send(request: ApiRequest[Nothing, Because]) -> SendShown:
    """Stop a send for good."""
    because = _reason(request)
    cancel(request.parts["name"], because, ports=request.app.steering_ports, now=request.now)
    return _steered(request, CANCELLED, because)


def _reason(request: ApiRequest[Nothing, Because]) -> str:
    because = one_line(request.body.because)
    if not because:
        raise invalid(FieldFault("because", "should say why: your colleagues read it"))
    return because


def _steered(request: ApiRequest[Any, Any], did: str, because: str = "") -> SendShown:
    request.note(did, request.parts["name"], because)
    return _shown(request)


def _shown(request: ApiRequest[Any, Any]) -> SendShown:
    send, count = send_status(request.parts["name"], sends=request.app.sends, now=request.now)
    books = count.books
    return SendShown(
        send.slug,
        send.state,
        send.opened_at,
        send.closed_at,
        send.paused_because,
        send.resume_at,
        send.cancelled_because,
        send.expected_end,
        count.in_hand,
        BooksShown(**asdict(books), balanced=books.balanced),
        tuple(MissedShown(str(each.outcome), each.readers, each.remedies) for each in Reach.of(send, books).missed),
        send.paused_by,
        send.doubts_wait_for,
        send.round,
        ForecastShown(**send.forecast.plain()) if send.forecast else None,
        send.audience,
        part_in_words(send.audience),
        send.audience_is_whole,
    )


SEND = "/sends/<name>"

ROUTES = (
    ApiRoute("GET", "/sends", Act.LOOK, list_sends, query=PageQuery),
    ApiRoute("GET", SEND, Act.LOOK, get_send),
    ApiRoute("POST", f"{SEND}/pause", Act.SEND, pause_send, body=Because, changes=True),
    ApiRoute("POST", f"{SEND}/resume", Act.SEND, resume_send, changes=True),
    ApiRoute("POST", f"{SEND}/cancel", Act.SEND, cancel_send, body=Because, changes=True),
)
