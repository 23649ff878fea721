"""/preferences: GET shows what we hold (JSON when asked for); POST changes it, moves it elsewhere, erases it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.core.link_token import Purpose, Token, read
from newsletter.readers.domain import preferences as rules
from newsletter.readers.jobs import preferences
from newsletter.web.http import Http
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)


@http.resolver.route("/preferences", method=["GET", "HEAD"])
def show() -> Response[str]:
    subscriber = preferences.show(_token().subscriber_id, subscribers=app().subscribers)
    if http.event.query_string_parameters.get("format") == "json":
        return http.json({"subscriber": subscriber.as_held()}, file_name="my-subscription.json")
    return _page(rules.Changed(rules.PreferencesPage.PREFERENCES, subscriber))


@http.resolver.post("/preferences")
def act() -> Response[str]:
    now, token = datetime.now(UTC), _token()
    form = rules.PreferencesForm.read(http.fields(several=rules.SEVERAL))
    logger.info("preferences", extra={"subscriber_id": token.subscriber_id, "action": form.action})
    network = http.network(app().origin_keys)
    ports, today = app().preference_ports, app().rhythm.local_date(now)
    return _page(preferences.answer_form(form, token.subscriber_id, network, ports=ports, today=today, now=now))


def _token() -> Token:
    return read(Purpose.PREFERENCES, http.token, app().keys, now=datetime.now(UTC))


def _page(changed: rules.Changed) -> Response[str]:
    now, subscriber, shown = datetime.now(UTC), changed.subscriber, {}
    if subscriber is not None:
        unsubscribe_url = app().links.to(Purpose.UNSUBSCRIBE, subscriber.subscriber_id, now=now)
        context = rules.context(subscriber, app().preference_ports.topics(), today=app().rhythm.local_date(now))
        links = {"action_url": f"/preferences?token={http.token}", "unsubscribe_url": unsubscribe_url}
        shown = {"lang": subscriber.lang, "saved": changed.saved, "problem": changed.problem, **links, **context}
    return http.page(changed.page, status=changed.status, data=rules.data(changed), **shown)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)
