"""Results: what became of the issues that went out, and their reports as they are stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newsletter.control.api.cursor import cursor_of, position_of
from newsletter.control.api.request import ApiRequest, ApiRoute, Nothing
from newsletter.control.api.sends import PageQuery
from newsletter.control.desk.overview.results import gone_out, read_results
from newsletter.desk.domain.act import Act
from newsletter.errors import NotFoundError

LISTED = "results"


@dataclass(frozen=True, slots=True)
class ResultLine:
    """What became of one issue; null stands for what nobody measured."""

    slug: str
    title: str
    sent_at: datetime | None
    audience: int
    sent: int
    skipped: int
    failed: int
    delivered: int | None
    bounced: int | None
    """Without automatic replies."""
    complaints: int | None
    left: int | None
    """Readers who unsubscribed after it."""
    joined: int | None
    """Readers who confirmed after it."""
    clicked: int | None
    """Clicks by people, as far as machines can be told from them."""
    useful: int | None
    """Readers who answered "Was this useful?" with yes."""
    not_useful: int | None
    """Readers who answered "Not really"."""
    replies: int | None
    """Emails of readers that came back to the address of the issue."""
    settled: bool
    """Whether two days have passed, and hardly anything changes any more."""


@dataclass(frozen=True, slots=True)
class ResultList:
    """A page of results, the newest issue first."""

    items: tuple[ResultLine, ...]
    next: str | None
    """The cursor of the next page; null on the last one."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it was written."""

    name: str
    report: Mapping[str, Any]
    """Its fields are those of "Reports" in docs/data.md."""


def list_results(request: ApiRequest[PageQuery, Nothing]) -> ResultList:
    """List what became of the issues that went out, the newest first."""
    query, records = request.query, gone_out(request.app)
    behind = position_of(query.cursor, LISTED, 2)
    left = [each for each in records if not any(behind) or (each.date.isoformat(), each.slug) < behind]
    page = left[: query.limit]
    more = cursor_of(LISTED, page[-1].date.isoformat(), page[-1].slug) if len(left) > len(page) else None
    lines = tuple(
        ResultLine(
            each.slug, each.title, each.sent_at, each.audience, each.sent, each.skipped, each.failed, each.delivered,
            each.bounced, each.complaints, each.left, each.joined, each.clicked, each.useful,
            each.not_useful, each.replies, each.settled,
        )
        for each in read_results(request.app, page)
    )  # fmt: skip
    return ResultList(lines, more)


def read_report(request: ApiRequest[Nothing, Nothing]) -> Report:
    """Show the report of a send, or `list_growth`: how the list grew.

    A report is written when a send is closed.
    """
    name = request.parts["name"]
    stored = request.app.content.report(name)
    if stored is None:
        raise NotFoundError("there is no such report, or it is not written yet")
    return Report(name, json.loads(stored))


ROUTES = (
    ApiRoute("GET", "/results", Act.LOOK, list_results, query=PageQuery),
    ApiRoute("GET", "/reports/<name>", Act.LOOK, read_report),
)
