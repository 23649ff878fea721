"""/decide: an editor's link. GET shows where an issue stands and changes nothing, POST decides."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.desk.adapters.decide_links import read_decision
from newsletter.desk.domain.decision import Decided, Decision
from newsletter.desk.domain.decision_words import BUTTONS, MEANINGS, headline
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
    decided = decide(decision, by_link=True, ports=app().decide_ports, rhythm=app().current_rhythm(), now=now)
    logger.info("decide", extra={"issue": decision.slug, "verb": decision.verb, "outcome": decided.outcome})
    return _page(decision, decided, now)


def _decision(now: datetime) -> Decision:
    return read_decision(http.event.query_string_parameters, app().editor_keys, app().settings.team, now=now)


def _page(decision: Decision, decided: Decided | None, now: datetime) -> Response[str]:
    described = describe_issue(decision, ports=app().decide_ports, rhythm=app().current_rhythm(), now=now)
    query = http.event.query_string_parameters
    buttons = [(f"/decide?{urlencode({**query, 'do': str(verb)})}", *BUTTONS[verb]) for verb in described.verbs]
    title = described.record.title if described.record else decision.slug
    return http.page(
        "decided" if decided else "decide", lang="en", status_code=409 if decided and decided.outcome.refused else 200,
        data={"status": decided.outcome if decided else "press_the_button"},
        title=title, described=described, buttons=buttons, outcome=decided.outcome if decided else "",
        headline=headline(decided, decision) if decided else "",
        meaning=MEANINGS[decided.outcome] if decided else "",
    )  # fmt: skip


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)
