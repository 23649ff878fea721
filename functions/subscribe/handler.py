"""POST /subscriptions: a sign-up; 202 (JSON) or 303 (form), the same for every valid address. GET /challenge."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.errors import InvalidEmailError
from newsletter.readers.domain import proof_of_work
from newsletter.readers.domain.limits import Lane
from newsletter.readers.jobs.admit import Attempt, admit
from newsletter.readers.jobs.subscribe import SignUp, subscribe
from newsletter.web.http import Http
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)

HONEYPOTS = ("reference", "website", "url", "honeypot")
"""The first is in our form, hidden from people; the others are what robots fill in by habit."""


@http.resolver.get("/challenge")
def challenge() -> Response[str]:
    key, random = proof_of_work.proof_key(app().address_key), secrets.token_bytes(proof_of_work.RANDOM_BYTES)
    return http.json(proof_of_work.challenge(key, random=random, now=datetime.now(UTC)).as_json())


@http.resolver.post("/subscriptions")
def sign_up() -> Response[str]:
    fields, now = http.fields(), datetime.now(UTC)
    lang = http.lang(fields.get("lang", ""))
    wish = SignUp(
        email=fields.get("email", ""),
        name=fields.get("name", ""),
        source=fields.get("source", ""),
        lang=lang,
        words=app().pages.form_words(lang),
        network=http.network(behind_cloudfront=app().settings.behind_cloudfront),
    )
    try:
        if any(fields.get(name) for name in HONEYPOTS):
            logger.info("sign-up refused", extra={"reason": "honeypot"})
        else:
            _admit(wish, fields.get("altcha", ""), now)
    except InvalidEmailError as problem:
        return http.page(
            "sign_up_problem",
            status=422,
            data={"errors": {"email": str(problem)}},
            email_value=wish.email[:254],
            name_value=wish.name[:80],
            problem=str(problem),
        )
    if http.wants_json:
        return http.json({"status": "confirmation_sent"}, status=202)
    return http.redirect(f"{app().settings.public_url}{app().pages.thanks_path(lang)}")


def _admit(wish: SignUp, proof: str, now: datetime) -> None:
    key, settings, addresses = app().address_key, app().settings, app().addresses
    who = addresses.subscriber_id(addresses.mailbox(wish.email))
    attempt = Attempt(subscriber_id=who, network=wish.network, proof=proof)
    verdict = admit(attempt, counters=app().counters, policy=app().policy, key=key, now=now)
    details = {"subscriber_id": who, "lane": verdict.lane, "proof": verdict.proof}
    if not verdict.allowed:
        logger.info("sign-up refused", extra={**details, "reason": verdict.reason})
        return
    delay = settings.slow_lane_seconds if verdict.lane is Lane.SLOW else 0
    subscribe(wish, addresses=addresses, ports=app().sign_up_ports, seal_key=key, delay=delay, now=now)
    logger.info("sign-up", extra=details)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)
