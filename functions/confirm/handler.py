"""/confirm: GET shows a button and changes nothing, POST confirms. A page for people, JSON when asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.core.link_token import Purpose, is_for_move, read
from newsletter.readers.domain.confirming import Press
from newsletter.readers.jobs.complete_move import complete_move
from newsletter.readers.jobs.confirm import confirm
from newsletter.web.http import Http
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)


def _press(now: datetime) -> Press:
    network = http.network(app().origin_keys)
    purpose = Purpose.MOVE if is_for_move(http.token) else Purpose.CONFIRM
    return Press(read(purpose, http.token, app().keys, now=now), network)


@http.resolver.route("/confirm", method=["GET", "HEAD"])
def show() -> Response[str]:
    _press(datetime.now(UTC))
    return http.page("confirm", data={"status": "press_the_button"}, action_url=f"/confirm?token={http.token}")


@http.resolver.post("/confirm")
def act() -> Response[str]:
    now = datetime.now(UTC)
    press = _press(now)
    act_on = complete_move if press.token.new_id else confirm
    confirmed = act_on(press, ports=app().sign_up_ports, seal_key=app().address_key, now=now)
    subscriber = confirmed.subscriber
    logger.info("confirm", extra={"subscriber_id": subscriber.subscriber_id, "already": confirmed.already})
    return http.page("confirmed", lang=subscriber.lang, already=confirmed.already, moved=confirmed.moved)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)
