"""/preferences: GET shows what we hold (JSON when asked for), POST changes the name or erases everything."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.adapters.http import Http
from newsletter.domain.link_token import Purpose, Token, read
from newsletter.domain.subscriber import Subscriber
from newsletter.jobs import preferences
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)


def _token(now: datetime) -> Token:
    return read(Purpose.PREFERENCES, http.token, app().keys, now=now)


def _page(subscriber: Subscriber, now: datetime, *, saved: bool) -> Response[str]:
    return http.page(
        "preferences",
        data={"status": "saved" if saved else "shown", "subscriber": subscriber.as_held()},
        action_url=f"/preferences?token={http.token}",
        name=subscriber.name,
        saved=saved,
        unsubscribe_url=app().links.to(Purpose.UNSUBSCRIBE, subscriber.subscriber_id, now=now),
    )


@http.resolver.route("/preferences", method=["GET", "HEAD"])
def show() -> Response[str]:
    now = datetime.now(UTC)
    return _page(preferences.show(_token(now), subscribers=app().subscribers), now, saved=False)


@http.resolver.post("/preferences")
def act() -> Response[str]:
    now = datetime.now(UTC)
    token, fields = _token(now), http.fields()
    if fields.get("action") == "erase":
        erased = preferences.erase(token, subscribers=app().subscribers, suppressions=app().suppressions, now=now)
        logger.info("erase", extra={"subscriber_id": token.subscriber_id, "changed": erased})
        return http.page("erased")
    renamed = preferences.rename(token, fields.get("name", ""), subscribers=app().subscribers)
    logger.info("rename", extra={"subscriber_id": token.subscriber_id})
    return _page(renamed, now, saved=True)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)
