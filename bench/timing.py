"""Whether the time of an answer tells who is on the list: the chance to guess it right from two answers.

An attacker who times two addresses, one of a reader and one of nobody, and takes the slower for the reader, is right
with this chance: the area under the ROC curve (AUC). 0.5 is a coin; away from it, either way, is knowledge.
"""

from __future__ import annotations

import json
from base64 import b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from multiprocessing import get_context
from random import Random
from statistics import fmean
from time import perf_counter, sleep
from typing import Any
from urllib.parse import urlencode

import pytest

from newsletter.core.link_token import Purpose, sign
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from tests.factories import an_id, subscriber
from tests.functions.conftest import KEYS, Deployment, deployed, load

ROUNDS = 100
"""Of each kind. The AUC of a coin is within 0.5 plus or minus 0.08 in 19 of 20 runs of this length. Moto copies its
tables for each transaction, so that a longer run takes more for each answer."""

PASSES = 6
"""Runs whose mean counts: within 0.5 plus or minus 0.035."""

WARM = 20
"""Answers before those that count; a function is slower at first."""

TRANSACTION = 0.02
"""Seconds of a transaction, whatever is in it: DynamoDB prepares and commits each item, a check as well as a write.
Moto takes two thirds of the time of a write for a check, and copies its tables for both."""

UNLIMITED = {"SIGN_UPS_PER_NETWORK": str(100 * ROUNDS), "CONFIRMATIONS_PER_HOUR": str(100 * ROUNDS)}
"""An attacker has as many networks as it takes."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form that anybody may send with anybody's address."""

    function: str
    event: str
    purpose: Purpose | None = None
    """Of the sender's own link."""

    def fields(self, email: str) -> dict[str, str]:
        """Return what is typed."""
        if self.purpose is Purpose.ACCOUNT:
            return {"action": "change_email", "new_email": email}
        return {"email": email}


FORMS = {
    "sign_up": Form("subscribe", "subscribe/form"),
    "leave_by_address": Form("unsubscribe", "unsubscribe/by_address"),
    "account_by_address": Form("preferences", "preferences/by_address"),
    "address_change": Form("preferences", "preferences/change_email", Purpose.ACCOUNT),
}


def measure() -> dict[str, Any]:
    """Return `timing`, by form: the AUC of readers, and of suppressed addresses, against nobody's.

    Two forms are measured side by side, each in a process with a processor for itself.
    """
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        return {"timing": dict(zip(FORMS, processes.map(_of_form, FORMS), strict=True))}


def _of_form(name: str) -> dict[str, float]:
    return _mean([_told_apart(FORMS[name], seed) for seed in range(PASSES)])


def auc(ones: Sequence[float], others: Sequence[float]) -> float:
    """Return how likely one of the first is larger than one of the others; a tie counts half."""
    ranked = sorted(others)
    wins = sum((bisect_left(ranked, one) + bisect_right(ranked, one)) / 2 for one in ones)
    return wins / (len(ones) * len(others))


def _told_apart(form: Form, seed: int) -> dict[str, float]:
    handler = import_module(f"functions.{form.function}.handler").lambda_handler
    took: dict[str, list[float]] = {"reader": [], "suppressed": [], "nobody": []}
    shuffled = Random(seed)  # noqa: S311 - nobody is to be surprised, and the order can be had again
    with pytest.MonkeyPatch.context() as environment, deployed(environment, **UNLIMITED) as stack:
        _fill(stack, askers=bool(form.purpose))
        _pace(stack.app._client("dynamodb"))  # noqa: SLF001 - the one that the handler uses
        # One of each kind in turn, in an order that changes: what slows down as the queue fills slows all kinds alike.
        order = [(kind, number) for number in range(ROUNDS) for kind in shuffled.sample(list(took), len(took))]
        for place, (kind, number) in enumerate([("nobody", -1 - warm) for warm in range(WARM)] + order):
            seconds = _timed(handler, form, stack, f"{kind}-{number}@example.org", asker=10_000 + place)
            if number >= 0:
                took[kind].append(seconds)
    return {kind: auc(took[kind], took["nobody"]) for kind in ("reader", "suppressed")}


def _pace(client: Any) -> None:
    """Let each transaction of a client take the same time."""
    operation, began = "dynamodb.TransactWriteItems", "began"

    def begin(context: dict[str, Any], **_: Any) -> None:
        context[began] = perf_counter()

    def end(context: dict[str, Any], **_: Any) -> None:
        sleep(max(0.0, TRANSACTION - (perf_counter() - context[began])))

    client.meta.events.register(f"before-call.{operation}", begin)
    client.meta.events.register(f"after-call.{operation}", end)


def _mean(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {kind: round(fmean(run[kind] for run in runs), 3) for kind in runs[0]}


def _fill(stack: Deployment, *, askers: bool) -> None:
    addresses, now = stack.app.addresses, datetime.now(UTC)
    for number in range(ROUNDS):
        email = f"reader-{number}@example.org"
        stack.save(subscriber(subscriber_id=addresses.subscriber_id(addresses.mailbox(email)), email=email))
        gone = addresses.subscriber_id(addresses.mailbox(f"suppressed-{number}@example.org"))
        stack.app.suppressions.add(Suppression(gone, SuppressionReason.HARD_BOUNCE, now))
    for place in range(3 * ROUNDS + WARM if askers else 0):  # those whose own link is used
        stack.save(subscriber(subscriber_id=an_id(10_000 + place), email=f"asker-{place}@example.org"))


def _timed(
    handler: Callable[[dict[str, Any], Any], dict[str, Any]], form: Form, stack: Deployment, email: str, asker: int
) -> float:
    """Send the form as somebody who has not sent any before, and return the seconds of its answer."""
    text = json.dumps(load(form.event))
    if form.purpose is not None:
        text = text.replace("TOKEN", sign(form.purpose, an_id(asker), KEYS, now=stack.now()))
    event = json.loads(text) | {"body": b64encode(urlencode(form.fields(email)).encode()).decode()}
    began = perf_counter()
    answer = handler(event, stack.context)
    took = perf_counter() - began
    assert answer["statusCode"] < 400, answer
    return took
