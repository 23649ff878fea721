"""/decide: an editor's link. GET shows where an issue stands and changes nothing, POST decides."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.desk.adapters.decide_links import TEST, read_decision
from newsletter.desk.adapters.decide_page import decide_page
from newsletter.desk.domain.decision import Decided, Decision
from newsletter.desk.jobs.ask_for_test import TestAnswer, ask_for_test
from newsletter.desk.jobs.decide import decide
from newsletter.desk.jobs.describe_issue import describe_issue
from newsletter.web.http import Http
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)


@http.resolver.route("/decide", method=["GET", "HEAD"])
def show() -> Response[str]:
    now = datetime.now(UTC)
    return _page(_decision(now), None, now)


@http.resolver.post("/decide")
def act() -> Response[str]:
    now = datetime.now(UTC)
    decision = _decision(now)
    if http.event.query_string_parameters["do"] == TEST:
        answer = ask_for_test(decision, http.fields().get("to", ""), ports=app().test_ports, now=now)
        return http.page("test_asked", lang="en", status_code=200 if answer is TestAnswer.ASKED else 409,
                         data={"status": answer}, answer=answer)  # fmt: skip
    decided = decide(decision, by_link=True, ports=app().decide_ports, rhythm=app().current_rhythm(), now=now)
    logger.info("decide", extra={"issue": decision.slug, "verb": decision.verb, "outcome": decided.outcome})
    return _page(decision, decided, now)


def _decision(now: datetime) -> Decision:
    return read_decision(http.event.query_string_parameters, app().editor_keys, app().editors.team, now=now)


def _page(decision: Decision, decided: Decided | None, now: datetime) -> Response[str]:
    described = describe_issue(decision, ports=app().decide_ports, rhythm=app().current_rhythm(), now=now)
    context = decide_page(decision, decided, described, http.event.query_string_parameters, app().editors.team)
    if decided is None:
        return http.page("decide", lang="en", data={"status": "press_the_button"}, **context)
    status_code = 409 if decided.outcome.refused else 200
    return http.page("decided", lang="en", status_code=status_code, data={"status": decided.outcome}, **context)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)
