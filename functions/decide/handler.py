"""/decide: an editor's link. GET shows where an issue stands and changes nothing, POST decides."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.desk.adapters.decide_links import TEST, read_decision
from newsletter.desk.adapters.decide_page import decide_page
from newsletter.desk.domain.decision import Decided, Decision
from newsletter.desk.jobs.ask_for_test import TestAnswer, ask_for_test
from newsletter.desk.jobs.decide import decide
from newsletter.desk.jobs.describe_issue import describe_issue
from newsletter.desk.sessions.note_link import note_link
from newsletter.web.http import Http
from newsletter.web.router import Response
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)


@http.resolver.route("/decide", methods=["GET", "HEAD"])
def show() -> Response:
    return _page(_decision(datetime.now(UTC)), None, datetime.now(UTC))


@http.resolver.post("/decide")
def act() -> Response:
    decision = _decision(now := datetime.now(UTC))
    if http.event.query["do"] == TEST:
        test = ask_for_test(decision, http.fields().get("to", ""), ports=app().test_ports, now=now)
        done = test is TestAnswer.ASKED
        note_link(decision, "asked for a test", done=done, activities=app().activities, now=now)
        return http.page("test_asked", lang="en", status_code=200 if done else 409, data={"status": test}, answer=test)
    decided = decide(decision, by_link=True, ports=app().decide_ports, rhythm=app().current_rhythm(), now=now)
    note_link(decision, decided.outcome, done=decided.outcome.changed, activities=app().activities, now=now)
    logger.info("decide", extra={"issue": decision.slug, "verb": decision.verb, "outcome": decided.outcome})
    return _page(decision, decided, now)


def _decision(now: datetime) -> Decision:
    return read_decision(http.event.query, app().editor_keys, app().editors.team, now=now)


def _page(decision: Decision, decided: Decided | None, now: datetime) -> Response:
    described = describe_issue(decision, ports=app().decide_ports, rhythm=app().current_rhythm(), now=now)
    context = decide_page(decision, decided, described, http.event.query, app().editors.team)
    name, status = ("decided", decided.outcome) if decided else ("decide", "press_the_button")
    status_code = 409 if decided and decided.outcome.refused else 200
    return http.page(name, lang="en", status_code=status_code, data={"status": status}, **context)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)
