"""Operators steer sends on the laptop stack, with nothing but the permission to invoke `control`, which has its own."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import httpx
import pytest

from local.reader import wait_for
from newsletter.sending.adapters.dynamo_sends import DynamoSends
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import SIMULATOR
from tests.factories import subscriber
from tests.laptop import Laptop

pytestmark = pytest.mark.e2e

READERS = ("ada@example.org", "ben@example.org", "cyd@example.org")
LATECOMER, EDITOR = "dot@example.org", "somebody.at.the.desk@example.org"
REHEARSED, STEERED = "2126-01-01-in-a-hundred-years", "2026-11-03-steered"
ISSUE = "---\ntitle: {title}\ndate: {date}\nsend: now\n---\n\nDear {{{{ name | reader }}}}, this is the whole issue.\n"


@pytest.fixture(scope="module", autouse=True)
def _three_readers(laptop: Laptop) -> None:
    for email in READERS:
        join(laptop, email)


def join(laptop: Laptop, email: str) -> None:
    """Put a confirmed reader on the list, as an import does."""
    assert laptop.subscribers.save(subscriber(subscriber_id=laptop.who(email), email=email))


def publish(laptop: Laptop, slug: str) -> None:
    laptop.upload(slug, ISSUE.format(title=slug[11:].replace("-", " ").capitalize(), date=slug[:10]))


def control(laptop: Laptop, **wish: str) -> dict[str, Any]:
    function = laptop.where["functions"]["control"]
    answer = laptop.client("lambda").invoke(FunctionName=function, Payload=json.dumps(wish).encode())
    told: dict[str, Any] = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, told
    assert "error" not in told, told
    return told


def closed(laptop: Laptop, slug: str) -> dict[str, Any]:
    """Wait until the books of a send are closed, and return them."""

    def books() -> dict[str, Any] | None:
        status = control(laptop, action="status", slug=slug)
        return status if status["state"] == "closed" else None

    return wait_for(f"the end of {slug}", books, seconds=90)["books"]  # type: ignore[no-any-return]


def delivered(laptop: Laptop, slug: str) -> Counter[str]:
    return Counter(laptop.inbox.recipients_of(slug))


def in_hands_of_workers(laptop: Laptop) -> int:
    """Return how many batches are being worked on; a worker that begins later knows what was decided before."""
    url, name = laptop.where["queues"]["batch"], "ApproximateNumberOfMessagesNotVisible"
    counted = laptop.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"]
    return int(counted[name])


def test_a_test_mail_and_a_rehearsal_reach_no_reader(laptop: Laptop) -> None:
    publish(laptop, REHEARSED)

    control(laptop, action="test", slug=REHEARSED, email=EDITOR)
    rehearsal = control(laptop, action="rehearse", slug=REHEARSED)["slug"]
    books = closed(laptop, rehearsal)

    assert (books["audience"], books["sent"], books["balanced"]) == (3, 3, True)
    to = delivered(laptop, REHEARSED) + delivered(laptop, rehearsal)
    diverted = {f"success+{laptop.who(email)}@{SIMULATOR}" for email in READERS}
    assert set(to) == {EDITOR} | diverted
    assert not any(laptop.inbox.messages(to=email) for email in READERS)


def test_a_send_is_held_cancelled_and_finished_later_and_nobody_gets_it_twice(laptop: Laptop) -> None:
    faults = f"{laptop.where['ses_endpoint']}/_simulator/faults"
    httpx.put(faults, json={"entry_failure": 1.0}).raise_for_status()  # SES takes nobody for the moment
    publish(laptop, STEERED)
    sends = DynamoSends(laptop.client("dynamodb"), laptop.where["tables"]["sends"])
    wait_for("everybody to be planned", lambda: len(sends.finished_shards(STEERED)) == 16)

    held = control(laptop, action="pause", slug=STEERED, because="A mistake in the text.")
    assert (held["state"], held["paused_by"], held["paused_because"]) == ("paused", "person", "A mistake in the text.")
    # One that began before knows it as open for a moment yet, and would mail somebody as soon as SES takes anybody.
    wait_for("no worker to be at it", lambda: not in_hands_of_workers(laptop), seconds=90)
    httpx.put(faults, json={}).raise_for_status()
    found = control(laptop, action="look_up", slug=STEERED, email=READERS[0])
    assert (found["outcome"], found["subscriber_id"]) == ("waiting", laptop.who(READERS[0]))
    status = wait_for("the forecast", lambda: _with_forecast(control(laptop, action="status", slug=STEERED)))
    assert (status["books"]["audience"], status["books"]["waiting"], status["forecast"]["recipients"]) == (3, 3, 3)

    assert control(laptop, action="resume", slug=STEERED)["state"] == "open"
    control(laptop, action="pause", slug=STEERED, because="Once more.")
    assert control(laptop, action="cancel", slug=STEERED, because="The wrong week.")["state"] in (
        "cancelling",
        "closed",
    )
    books = closed(laptop, STEERED)
    assert books["sent"] + books["skipped"].get("cancelled", 0) == books["audience"] == 3

    laptop.wait_until_quiet()  # else a report counts while outcomes are changed by hand, and is tried again for minutes
    failed = _fail_one_of_those_who_did_not_get_it(laptop, sends)
    again = control(laptop, action="retry_failed", slug=STEERED)
    assert again["waiting_again"] == failed
    assert closed(laptop, STEERED)["sent"] == books["sent"] + failed
    join(laptop, LATECOMER)
    control(laptop, action="send_to_rest", slug=STEERED)

    books = closed(laptop, STEERED)
    assert (books["audience"], books["sent"], books["balanced"]) == (4, 4, True)
    assert delivered(laptop, STEERED) == Counter((*READERS, LATECOMER))
    found = control(laptop, action="look_up", slug=STEERED, email=LATECOMER)
    assert found["outcome"] == "sent"


def _with_forecast(status: dict[str, Any]) -> dict[str, Any] | None:
    return status if status["forecast"] else None


def _fail_one_of_those_who_did_not_get_it(laptop: Laptop, sends: DynamoSends) -> int:
    """Write down, as a worker would have, that SES failed again and again for one reader; return how many it was."""
    for batch in sends.batches(STEERED):
        if Outcome.CANCELLED in batch.outcomes:
            at = batch.outcomes.index(Outcome.CANCELLED)
            outcomes = (*batch.outcomes[:at], Outcome.GAVE_UP, *batch.outcomes[at + 1 :])
            assert sends.replace(batch, replace(batch, outcomes=outcomes))
            return 1
    return 0


def test_no_step_of_control_was_denied(laptop: Laptop) -> None:
    lines = [line for function, line in laptop.log_lines() if function in ("control", "settle")]

    assert lines
    assert not [line for line in lines if "AccessDenied" in line or "not authorized" in line]
