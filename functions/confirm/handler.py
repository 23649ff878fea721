"""/confirm: GET shows a button and changes nothing, POST confirms. A page for people, JSON when asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.core.link_token import Purpose, read
from newsletter.readers.jobs.confirm import Press, confirm
from newsletter.web.http import Http
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)


def _press(now: datetime) -> Press:
    network = http.network(behind_cloudfront=app().settings.behind_cloudfront)
    return Press(read(Purpose.CONFIRM, http.token, app().keys, now=now), network)


@http.resolver.route("/confirm", method=["GET", "HEAD"])
def show() -> Response[str]:
    _press(datetime.now(UTC))
    return http.page("confirm", data={"status": "press_the_button"}, action_url=f"/confirm?token={http.token}")


@http.resolver.post("/confirm")
def act() -> Response[str]:
    now = datetime.now(UTC)
    confirmed = confirm(_press(now), ports=app().sign_up_ports, seal_key=app().address_key, now=now)
    subscriber = confirmed.subscriber
    logger.info("confirm", extra={"subscriber_id": subscriber.subscriber_id, "already": confirmed.already})
    preferences_url = app().links.to(Purpose.PREFERENCES, subscriber.subscriber_id, now=now)
    return http.page("confirmed", lang=subscriber.lang, preferences_url=preferences_url, already=confirmed.already)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)
