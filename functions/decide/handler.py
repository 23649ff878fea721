"""/decide: an editor's link. GET shows what a button will do and changes nothing, POST does it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.desk.adapters.decide_links import read_decision
from newsletter.desk.jobs.decide import decide
from newsletter.web.http import Http
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)


@http.resolver.route("/decide", method=["GET", "HEAD"])
def show() -> Response[str]:
    decision = read_decision(http.event.query_string_parameters, app().editor_keys, now=datetime.now(UTC))
    record = app().issues.get(decision.slug)
    newer = record is not None and record.content_hash != decision.content_hash
    action_url = f"/decide?{http.event.raw_query_string}"
    return http.page("decide", lang="en", data={"status": "press_the_button"}, verb=decision.verb, record=record,
                     slug=decision.slug, newer=newer, action_url=action_url)  # fmt: skip


@http.resolver.post("/decide")
def act() -> Response[str]:
    now = datetime.now(UTC)
    decision = read_decision(http.event.query_string_parameters, app().editor_keys, now=now)
    decided = decide(decision, by_link=True, ports=app().decide_ports, zone=app().rhythm.time_zone, now=now)
    logger.info("decide", extra={"issue": decision.slug, "verb": decision.verb, "outcome": decided.outcome})
    return http.page("decided", lang="en", status_code=409 if decided.outcome.refused else 200, outcome=decided.outcome,
                     title=decided.title(decision), data={"status": decided.outcome})  # fmt: skip


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)
