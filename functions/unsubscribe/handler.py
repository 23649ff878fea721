"""/unsubscribe: GET shows a button and changes nothing, POST leaves (RFC 8058 one-click too). 200, no redirect."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.adapters.http import Http
from newsletter.domain.link_token import Purpose, Token, read
from newsletter.jobs.unsubscribe import unsubscribe
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)


def _token(now: datetime) -> Token:
    return read(Purpose.UNSUBSCRIBE, http.token, app().keys, now=now)


@http.resolver.route("/unsubscribe", method=["GET", "HEAD"])
def show() -> Response[str]:
    _token(datetime.now(UTC))
    return http.page("unsubscribe", data={"status": "press_the_button"}, action_url=f"/unsubscribe?token={http.token}")


@http.resolver.post("/unsubscribe")
def act() -> Response[str]:
    # The body is not read: providers send "List-Unsubscribe=One-Click" in two encodings, and the token says it all.
    now = datetime.now(UTC)
    token = _token(now)
    left = unsubscribe(token, subscribers=app().subscribers, now=now)
    logger.info("unsubscribe", extra={"subscriber_id": token.subscriber_id, "changed": left})
    return http.page("unsubscribed", subscribe_url=f"{app().settings.public_url}/subscribe/")


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)
