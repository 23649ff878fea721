"""How long a reader waits for an answer, and what it asks of AWS: each HTTP function, warm."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from statistics import quantiles
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

import pytest

from bench.counting import Calls
from newsletter.core.link_token import Purpose, sign
from newsletter.desk.adapters.decide_links import subject_of
from newsletter.desk.domain.decision import Decision, Verb
from newsletter.readers.domain.subscriber import Status
from tests.factories import SLUG, an_id, record, subscriber
from tests.functions.conftest import EDITOR_KEYS, KEYS, Deployment, deployed, load

ROUNDS = 300
"""Enough for a hundredth of them to be three."""


UNLIMITED = {"SIGN_UPS_PER_NETWORK": str(100 * ROUNDS), "CONFIRMATIONS_PER_HOUR": str(100 * ROUNDS)}
"""A sign-up that a limit stops would ask less."""


@dataclass(frozen=True)
class Request:
    """One request that a function is measured by."""

    function: str
    event: str
    purpose: Purpose | None = None
    status: Status = Status.CONFIRMED


FORM = "subscribe/form"
REQUESTS = {
    "subscribe": Request("subscribe", FORM),
    "challenge": Request("subscribe", "subscribe/challenge"),
    "confirm": Request("confirm", "confirm/post", Purpose.CONFIRM, Status.UNCONFIRMED),
    "unsubscribe": Request("unsubscribe", "unsubscribe/one_click_urlencoded", Purpose.UNSUBSCRIBE),
    "preferences": Request("preferences", "preferences/get", Purpose.PREFERENCES),
    "decide": Request("decide", "decide/get", Purpose.DECIDE),
}


def measure() -> dict[str, Any]:
    """Return `http`, by function: milliseconds of half and of 99 in a hundred, and calls of AWS."""
    return {"http": {name: answered(request) for name, request in REQUESTS.items()}}


def answered(request: Request, *, rounds: int = ROUNDS) -> dict[str, Any]:
    """Return what one request takes, and what it asks; of so many answers, behind a first that is not counted."""
    handler = import_module(f"functions.{request.function}.handler").lambda_handler
    calls = Calls()
    with pytest.MonkeyPatch.context() as environment, deployed(environment, **UNLIMITED) as stack:
        stack.app.make_client = calls.counting(stack.app.make_client)
        event = _event(stack, request)
        took = [_timed(handler, event, stack, request, number, calls) for number in range(rounds + 1)][1:]
        counts, in_a_row = calls.take(), calls.take_in_a_row()
    percents = quantiles(took, n=100)
    return {
        "p50_ms": round(percents[49], 2),
        "p99_ms": round(percents[98], 2),
        "aws_calls": sum(counts.values()),
        "in_a_row": in_a_row,
        "calls": counts,
    }


def _event(stack: Deployment, request: Request) -> dict[str, Any]:
    stack.app.issues.put(record(), before=None)
    subject, keys, verb, content = an_id(1), KEYS, Verb.HOLD, "a" * 64
    if request.purpose is Purpose.DECIDE:
        subject, keys = subject_of(Decision(SLUG, content, verb)), EDITOR_KEYS
    text = json.dumps(load(request.event)).replace("VERB", verb).replace("CONTENT", content)
    if request.purpose is not None:
        text = text.replace("TOKEN", sign(request.purpose, subject, keys, now=stack.now()))
    event: dict[str, Any] = json.loads(text)
    return event


def _timed(
    handler: Callable[..., Any],
    event: dict[str, Any],
    stack: Deployment,
    request: Request,
    number: int,
    calls: Calls,
) -> float:
    """Let the function answer somebody who stands as they should, and return its milliseconds."""
    there = stack.app.subscribers.get(an_id(1))
    if there is None or there.status is not request.status:
        version = there.version if there else 0
        assert stack.app.subscribers.save(subscriber(1, status=request.status, version=version))
    if request.event == FORM:  # somebody else each time: a mailbox may sign up a few times a day
        form = urlencode({"email": f"reader-{number}@example.org", "name": "Ada"})
        event = event | {"body": b64encode(form.encode()).decode()}
    calls.take()
    calls.take_in_a_row()
    began = perf_counter()
    answer = handler(event, stack.context)
    took = 1000 * (perf_counter() - began)
    assert answer["statusCode"] < 400, answer
    return took
