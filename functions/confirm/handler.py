"""/confirm: GET shows a button and changes nothing, POST confirms. A page for people, JSON when asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.adapters.http import Http
from newsletter.domain.link_token import Purpose, Token, read
from newsletter.jobs.confirm import confirm
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)


def _token(now: datetime) -> Token:
    return read(Purpose.CONFIRM, http.token, app().keys, now=now)


@http.resolver.route("/confirm", method=["GET", "HEAD"])
def show() -> Response[str]:
    _token(datetime.now(UTC))
    return http.page("confirm", data={"status": "press_the_button"}, action_url=f"/confirm?token={http.token}")


@http.resolver.post("/confirm")
def act() -> Response[str]:
    now = datetime.now(UTC)
    confirmed = confirm(
        _token(now),
        ports=app().sign_up_ports,
        issues=app().issues,
        links=app().links,
        reply_to=app().newsletter.reply_to,
        now=now,
    )
    logger.info("confirm", extra={"subscriber_id": confirmed.subscriber_id, "already": confirmed.already})
    preferences_url = app().links.to(Purpose.PREFERENCES, confirmed.subscriber_id, now=now)
    return http.page("confirmed", preferences_url=preferences_url)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)
