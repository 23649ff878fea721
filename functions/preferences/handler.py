"""/preferences: a pause by any link; by a fresh one, all we hold (JSON when asked for), its changes and its erasure.

Without a token: a page that mails a fresh link to an address, the same answer for every address.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.core.link_token import Purpose, read_either
from newsletter.readers.domain import preferences as rules
from newsletter.readers.domain.greeting import Occasion
from newsletter.readers.jobs import preferences
from newsletter.readers.jobs.ask_for_link import ask_for_link
from newsletter.web.http import Http
from newsletter.web.router import Response
from newsletter.wiring import app

logger, PATH = Logger(), "/preferences"
http = Http(lambda: app().pages, logger)


@http.resolver.route(PATH, methods=["GET", "HEAD", "POST"])
def answer() -> Response:
    acts, now = http.event.method == "POST", datetime.now(UTC)
    if not http.token:
        return _mail_the_link(now) if acts else http.page("account_by_address", problem="")
    token = read_either((Purpose.ACCOUNT, Purpose.PREFERENCES), http.token, app().keys, now=now)
    ports, today = app().preference_ports, app().rhythm.local_date(now)
    export = http.event.query.get("format") == "json"
    if acts:
        form = rules.PreferencesForm.read(http.fields(several=rules.SEVERAL))
        logger.info("preferences", extra={"subscriber_id": token.subscriber_id, "action": form.action})
        network = http.network(app().origin_keys)
        changed = preferences.answer_form(form, token, network, ports=ports, today=today, now=now)
    else:
        changed = preferences.look(token, export=export, subscribers=ports.subscribers, now=now)
    if export:
        return http.json(rules.data(changed), status_code=changed.status, file_name="my-subscription.json")
    leave = app().links.to(Purpose.UNSUBSCRIBE, token.subscriber_id, now=now, lang=http.lang())
    digest = ports.offers_digest()
    context = rules.context(changed, ports.topics, unsubscribe_url=leave, today=today, offers_digest=digest)
    return http.page(changed.page, status_code=changed.status, data=rules.data(changed), **context)


def _mail_the_link(now: datetime) -> Response:
    network = http.network(app().origin_keys, app().front_door)
    email, ports = http.fields().get("email", ""), app().link_request_ports
    asked = ask_for_link(Occasion.ACCOUNT_LINK, email, network, ports=ports, now=now)
    logger.info("account by address", extra={"subscriber_id": asked.subscriber_id, "stopped_by": asked.stopped_by})
    return http.page(asked.page, status_code=asked.status, data=asked.data, problem=asked.problem)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)
