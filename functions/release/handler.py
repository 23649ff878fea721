"""/release: an editor's link to a hold of confirmations. GET shows how it stands and changes nothing, POST ends it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.feedback.adapters.hold_links import read_hold_link
from newsletter.feedback.domain.hold_link import HoldLink, HoldOutcome
from newsletter.feedback.jobs.release_hold import release_hold
from newsletter.web.http import Http
from newsletter.web.router import Response
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)


@http.resolver.route("/release", methods=["GET", "HEAD"])
def show() -> Response:
    now = datetime.now(UTC)
    hold_link = _link(now)
    return _page(hold_link, hold_link.outcome(app().confirmation_watches[hold_link.lane].get(), now), now)


@http.resolver.post("/release")
def act() -> Response:
    now = datetime.now(UTC)
    hold_link = _link(now)
    outcome = release_hold(hold_link, watches=app().confirmation_watches, now=now)
    logger.info("release", extra={"lane": hold_link.lane, "outcome": outcome})
    return _page(hold_link, outcome, now, status_code=409 if outcome.refused else 200)


def _link(now: datetime) -> HoldLink:
    return read_hold_link(http.event.query, app().editor_keys, now=now)


def _page(hold_link: HoldLink, outcome: HoldOutcome, now: datetime, *, status_code: int = 200) -> Response:
    hold = app().confirmation_watches[hold_link.lane].get()
    return http.page("release", lang="en", status_code=status_code, data={"status": outcome}, outcome=outcome,
                     lane=hold_link.lane, because=hold.because, steps=hold.steps_ahead(now),
                     zone=app().rhythm.time_zone, action_url=f"/release?{http.event.raw_query_string}")  # fmt: skip


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)
