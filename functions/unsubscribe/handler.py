"""/unsubscribe: GET shows buttons and changes nothing; POST leaves (RFC 8058 one-click too), pauses, or takes it back.

Without a token: a page that mails the link to an address, the same answer for every address.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.core.link_token import Purpose, read
from newsletter.readers.domain.greeting import Occasion
from newsletter.readers.domain.leaving import LeavingForm
from newsletter.readers.domain.subscriber import rest_choices
from newsletter.readers.jobs.ask_for_link import ask_for_link
from newsletter.readers.jobs.unsubscribe import answer_form
from newsletter.web.http import Http
from newsletter.web.router import Response
from newsletter.wiring import app

logger, PATH = Logger(), "/unsubscribe"
http = Http(lambda: app().pages, logger)


@http.resolver.route(PATH, methods=["GET", "HEAD"])
def show() -> Response:
    now = datetime.now(UTC)
    if not http.token:
        return http.page("leave_by_address", data={"status": "say_which_address"}, problem="")
    read(Purpose.UNSUBSCRIBE, http.token, app().keys, now=now)
    choices = rest_choices(app().rhythm.local_date(now))
    return http.page("unsubscribe", data={"status": "press_the_button"}, pause_choices=choices)


@http.resolver.post(PATH)
def act() -> Response:
    now = datetime.now(UTC)
    if not http.token:
        return _mail_the_link(http.fields().get("email", ""), now)
    token = read(Purpose.UNSUBSCRIBE, http.token, app().keys, now=now)
    form, today = LeavingForm.read(http.fields_if_readable()), app().rhythm.local_date(now)
    answer = answer_form(form, token, subscribers=app().subscribers, today=today, now=now)
    logger.info("unsubscribe", extra={"subscriber_id": token.subscriber_id, "action": form.action})
    return http.page(answer.page, lang=answer.lang, **answer.context)


def _mail_the_link(email: str, now: datetime) -> Response:
    network = http.network(app().origin_keys, app().front_door)
    asked = ask_for_link(Occasion.LEAVE_LINK, email, network, ports=app().link_request_ports, now=now)
    logger.info("leave by address", extra={"subscriber_id": asked.subscriber_id, "stopped_by": asked.stopped_by})
    return http.page(asked.page, status_code=asked.status, data=asked.data, problem=asked.problem)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)
