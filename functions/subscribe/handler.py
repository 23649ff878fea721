"""POST /subscriptions: a sign-up. Answers 202 (JSON) or 303 (form), the same for every valid address."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.adapters.http import Http
from newsletter.errors import InvalidEmailError
from newsletter.jobs.subscribe import SignUp, subscribe
from newsletter.wiring import app

logger = Logger()
http = Http(lambda: app().pages, logger)

HONEYPOTS = ("reference", "website", "url", "honeypot")
"""The first is in our form, hidden from people; the others are what robots fill in by habit."""


@http.resolver.post("/subscriptions")
def sign_up() -> Response[str]:
    fields, now = http.fields(), datetime.now(UTC)
    wish = SignUp(
        email=fields.get("email", ""),
        name=fields.get("name", ""),
        source=fields.get("source", ""),
        lang=http.lang(fields.get("lang", "")),
        network=http.network(behind_cloudfront=app().settings.behind_cloudfront),
    )
    try:
        if not any(fields.get(name) for name in HONEYPOTS):
            who = subscribe(
                wish,
                addresses=app().addresses,
                ports=app().sign_up_ports,
                seal_key=app().address_key,
                delay=0,
                now=now,
            )
            logger.info("sign-up", extra={"subscriber_id": who})
        else:
            logger.info("sign-up refused", extra={"reason": "honeypot"})
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
    return http.redirect(f"{app().settings.public_url}/subscribe/thanks/")


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return http.resolver.resolve(event, context)
