"""/unsubscribe: GET shows buttons and changes nothing; POST leaves (RFC 8058 one-click too), pauses, or takes it back.

Without a token: a page that mails the link to an address, the same answer for every address.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.core.link_token import Purpose, Token, read
from newsletter.errors import InvalidEmailError, InvalidRequestError
from newsletter.readers.domain.greeting import Greeting, Occasion
from newsletter.readers.domain.subscriber import LEAVING_REASONS, pause_choices
from newsletter.readers.jobs.admit import may_ask_to_leave
from newsletter.readers.jobs.unsubscribe import give_reason, rest, undo, unsubscribe
from newsletter.web.http import Http, day_of
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)


@http.resolver.route("/unsubscribe", method=["GET", "HEAD"])
def show() -> Response[str]:
    now = datetime.now(UTC)
    if not http.token:
        return http.page(
            "leave_by_address", data={"status": "say_which_address"}, action_url="/unsubscribe", problem=""
        )
    read(Purpose.UNSUBSCRIBE, http.token, app().keys, now=now)
    return http.page(
        "unsubscribe",
        data={"status": "press_the_button"},
        action_url=_here(),
        pause_choices=pause_choices(app().rhythm.local_date(now)),
    )


@http.resolver.post("/unsubscribe")
def act() -> Response[str]:
    now, fields = datetime.now(UTC), _fields()
    if not http.token:
        return _mail_the_link(fields.get("email", ""), now)
    token = read(Purpose.UNSUBSCRIBE, http.token, app().keys, now=now)
    action = fields.get("action", "leave")
    logger.info("unsubscribe", extra={"subscriber_id": token.subscriber_id, "action": action[:20]})
    match action:
        case "undo":
            who = undo(token, subscribers=app().subscribers, now=now)
            preferences_url = app().links.to(Purpose.PREFERENCES, who.subscriber_id, now=now)
            return http.page("undone", lang=who.lang, preferences_url=preferences_url)
        case "reason":
            give_reason(token, fields.get("reason", ""), subscribers=app().subscribers)
            return http.page("thanked_for_reason", action_url=_here())
        case "pause" | "resume":
            return _rest(token, fields.get("pause_until", "") if action == "pause" else "", now)
        case _:
            unsubscribe(token, subscribers=app().subscribers, now=now)
            return http.page("unsubscribed", action_url=_here(), reasons=LEAVING_REASONS)


def _rest(token: Token, until: str, now: datetime) -> Response[str]:
    paused_until = rest(token, day_of(until), subscribers=app().subscribers, today=app().rhythm.local_date(now))
    if paused_until is None:
        return http.page("undone", preferences_url=app().links.to(Purpose.PREFERENCES, token.subscriber_id, now=now))
    return http.page("paused", until=paused_until, action_url=_here())


def _mail_the_link(email: str, now: datetime) -> Response[str]:
    try:
        who = app().addresses.subscriber_id(app().addresses.mailbox(email))
        network = http.network(behind_cloudfront=app().settings.behind_cloudfront)
        verdict = may_ask_to_leave(
            who, network, counters=app().counters, policy=app().policy, key=app().address_key, now=now
        )
        if verdict.allowed:
            app().greet_queue.greet(Greeting(Occasion.LEAVE_LINK, who, now))
        logger.info("leave by address", extra={"subscriber_id": who, "stopped_by": verdict.reason})
    except InvalidEmailError as problem:
        data = {"errors": {"email": str(problem)}}
        return http.page("leave_by_address", status=422, data=data, action_url="/unsubscribe", problem=str(problem))
    return http.page("leave_by_address_sent")


def _fields() -> dict[str, str]:
    # A provider's one-click POST must work whatever its body looks like: the token says it all.
    try:
        return http.fields()
    except InvalidRequestError:
        if http.token:
            return {}
        raise


def _here() -> str:
    return f"/unsubscribe?token={http.token}"


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)
