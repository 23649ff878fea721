"""The stand-in for AWS hands messages over when Lambda would get them, and says when what happened."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from bench.paced_aws import DELIVERY, DUE, MOMENTS, PacedAws
from bench.slot_chain import LOGICAL_IDS, starts_of

BULK = "/v2/email/outbound-bulk-emails"


async def nothing(*_: Any) -> None:
    raise AssertionError("MiniStack is not asked")


def asked(aws: PacedAws, path: str, body: Any = None, query: str = "", target: str = "") -> Any:
    """Return what it answers."""
    said: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    headers = [(b"x-amz-target", target.encode())]
    scope = {"type": "http", "path": path, "query_string": query.encode(), "headers": headers}
    asyncio.run(aws(scope, receive, send))
    return json.loads(said[-1]["body"])


def queued(aws: PacedAws, *bodies: str, delay: int = 0) -> None:
    entries = [{"Id": body, "MessageBody": body, "DelaySeconds": delay} for body in bodies]
    asked(aws, "/", {"QueueUrl": "http://aws/0/plan", "Entries": entries}, target="AmazonSQS.SendMessageBatch")


def test_messages_are_handed_over_in_their_order_and_no_more_than_asked_for() -> None:
    aws = PacedAws(nothing)
    queued(aws, "a", "b", "c")

    assert asked(aws, DUE, query="queue=plan&most=2") == ["a", "b"]
    assert asked(aws, DUE, query="queue=plan&most=2") == ["c"]


def test_a_message_is_due_after_its_delay_and_the_time_to_its_function(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("bench.paced_aws.monotonic", lambda: now[0])
    aws = PacedAws(nothing)
    queued(aws, "later", delay=4)
    ((due, _, _),) = aws.queues["plan"]

    assert due == pytest.approx(104 + DELIVERY, abs=0.01)
    asked(aws, DUE, query="queue=plan&most=0") if due <= now[0] else aws.polled.add("plan")
    assert asked(aws, MOMENTS)["waiting"] == 1
    queued(aws, "much later", delay=60)
    assert asked(aws, MOMENTS)["waiting"] == 1, "what is booked for later is not under way"


def test_the_first_mail_is_remembered_and_forgotten_when_a_new_send_begins() -> None:
    aws = PacedAws(nothing)
    entries = {"BulkEmailEntries": [{"Destination": {"ToAddresses": ["a@example.org"]}}] * 2}

    assert len(asked(aws, BULK, entries)["BulkEmailEntryResults"]) == 2
    first = asked(aws, MOMENTS, query="anew=1")

    assert first["accepted"] == 2
    assert 0 < first["first_mail"] < first["last_answer"]
    assert asked(aws, MOMENTS)["first_mail"] == 0


def test_a_start_is_what_a_function_loads_and_does_first_by_its_share_of_a_processor() -> None:
    whole, more = starts_of({}), starts_of(dict.fromkeys(LOGICAL_IDS, 0.1))

    assert set(whole) == set(LOGICAL_IDS)
    assert more["schedule"] == whole["schedule"], "a whole processor: its first event takes as long as measured"
    assert more["settle"] > whole["settle"]
