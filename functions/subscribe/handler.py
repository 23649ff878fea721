"""POST /subscriptions: a sign-up; 202 (JSON) or 303 (form), the same for every valid address. GET /challenge."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.errors import InvalidAnswerError, InvalidEmailError, NetworkFullError, QueueFullError
from newsletter.readers.domain import proof_of_work
from newsletter.readers.domain.sign_up import SignUp, asked_again, refused
from newsletter.readers.jobs.sign_up import sign_up
from newsletter.web.http import Http
from newsletter.web.router import Response
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger, draws=False)  # a redirect most often, or JSON

LATE = "#late"
"""The paragraph of the static page that thanks; it says that the email may take until tomorrow."""


@http.resolver.get("/challenge")
def challenge() -> Response:
    key, random = proof_of_work.proof_key(app().address_key), secrets.token_bytes(proof_of_work.RANDOM_BYTES)
    return http.json(proof_of_work.challenge(key, random=random, now=datetime.now(UTC)).as_json())


@http.resolver.post("/subscriptions")
def act() -> Response:
    fields, network = http.fields(), http.network(app().origin_keys, app().front_door)
    lang = http.lang(fields.get("lang", ""))
    known, asked = app().pages.registered_forms, app().reader_fields()
    form = SignUp.read(fields, lang=lang, registered_forms=known, network=network, reader_fields=asked)
    if form.has_to_choose and not http.wants_json:
        return http.page("sign_up_suggestion", data={}, **asked_again(form, fields))
    try:
        signed_up = sign_up(form, ports=app().form_ports, now=datetime.now(UTC))
    except (InvalidEmailError, InvalidAnswerError) as exc:
        return http.page("sign_up_problem", status_code=422, **refused(form, fields, exc))
    logger.info("sign-up refused" if signed_up.refused else "sign-up", extra=signed_up.details)
    if signed_up.network_is_full:
        raise NetworkFullError("too many people signed up from this network within an hour")
    if signed_up.no_room:
        raise QueueFullError("no hour of the next day has room for another confirmation")
    if http.wants_json:
        late = {"late": True} if signed_up.late else {}
        meant = {"suggestion": form.suggestion} if form.suggestion else {}
        return http.json({"status": "confirmation_sent", **late, **meant}, status_code=202)
    fragment = LATE if signed_up.late else ""
    return http.redirect(f"{app().settings.public_url}{app().pages.thanks_path(lang)}{fragment}")


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)
