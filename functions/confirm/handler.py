"""/confirm: GET shows a button and changes nothing, POST confirms, moves or renews. A page, or JSON when asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.core.link_token import Purpose, is_for_move, read_either
from newsletter.readers.domain.link_rights import Press
from newsletter.readers.jobs.complete_move import complete_move
from newsletter.readers.jobs.confirm import confirm
from newsletter.readers.jobs.renew_consent import renew_consent
from newsletter.web.http import Http
from newsletter.web.router import Response
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)


def _press(now: datetime) -> Press:
    network = http.network(app().origin_keys)
    purposes = (Purpose.MOVE,) if is_for_move(http.token) else (Purpose.RENEW, Purpose.CONFIRM)
    return Press(read_either(purposes, http.token, app().keys, now=now), network)


@http.resolver.route("/confirm", methods=["GET", "HEAD"])
def show() -> Response:
    renewing = _press(datetime.now(UTC)).token.purpose is Purpose.RENEW
    return http.page("confirm", data={"status": "press_the_button"}, renewing=renewing)


@http.resolver.post("/confirm")
def act() -> Response:
    now = datetime.now(UTC)
    press = _press(now)
    ports, seal_key = app().sign_up_ports, app().address_key
    match press.token.purpose:
        case Purpose.MOVE:
            confirmed = complete_move(press, ports=ports, seal_key=seal_key, now=now)
        case Purpose.RENEW:
            words_in = app().pages.renewal_words
            confirmed = renew_consent(press, ports=ports, words_in=words_in, seal_key=seal_key, now=now)
        case _:
            confirmed = confirm(press, ports=ports, seal_key=seal_key, now=now)
    subscriber = confirmed.subscriber
    logger.info("confirm", extra={"subscriber_id": subscriber.subscriber_id, "already": confirmed.already})
    already, moved, renewed = confirmed.already, confirmed.moved, confirmed.renewed
    return http.page("confirmed", lang=subscriber.lang, already=already, moved=moved, renewed=renewed)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)
