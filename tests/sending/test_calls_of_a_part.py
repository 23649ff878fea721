"""Planning a part of the list makes the calls of a list of its size: the walk is the same, the rest is the part."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

import boto3
import pytest

from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.domain.shard import shards
from newsletter.sending.adapters.dynamo_sends import DynamoSends
from newsletter.sending.adapters.dynamo_sweeps import DynamoSweeps
from newsletter.sending.domain.send import Send
from newsletter.sending.jobs.fan_out import fan_out
from tests.core.fakes import NOW
from tests.factories import SLUG, subscriber
from tests.moto_aws import REGION
from tests.sending.fakes import MemoryQueues, PlainAccount

READERS = 80


@pytest.fixture
def client(dynamodb: Any) -> Any:  # noqa: ARG001 - the tables
    return boto3.client("dynamodb", region_name=REGION)


def fill(client: Any, number: int) -> DynamoSubscribers:
    store = DynamoSubscribers(client, "SubscribersTable")
    for each in range(number):
        subscriber_id = hashlib.sha256(str(each).encode()).hexdigest()[:32]
        tags = frozenset({"half", "tenth"} if each % 10 == 0 else {"half"} if each % 2 == 0 else ())
        assert store.save(subscriber(subscriber_id=subscriber_id, email=f"m{each}@example.org", tags=tags))
    return store


def planned(client: Any, audience: DynamoSubscribers, expression: str) -> tuple[int, Counter[str]]:
    """Return how many readers were planned, and with which calls."""
    sends, sweeps = DynamoSends(client, "SendsTable"), DynamoSweeps(client, "SendsTable")
    slug = f"{SLUG}-{expression.replace(':', '-') or 'whole'}"
    sends.open(Send(slug=slug, content_hash="a" * 64, shards=16, opened_at=NOW, audience=expression))
    calls: Counter[str] = Counter()
    client.meta.events.register("before-call.dynamodb.*", lambda model, **_: calls.update([model.name]), "count")
    for shard in shards(16):
        fan_out(
            slug, shard.first, sends=sends, audience=audience, sending_account=PlainAccount(),
            queues=MemoryQueues(), sweeps=sweeps, out_of_time=lambda: False, now=NOW,
        )  # fmt: skip
    client.meta.events.unregister("before-call.dynamodb.*", unique_id="count")
    return sum(len(batch.ids) for batch in sends.batches(slug)), calls


def test_a_part_is_planned_with_the_calls_of_a_list_of_its_size(client: Any) -> None:
    audience = fill(client, READERS)

    parts = {expression: planned(client, audience, expression) for expression in ("", "tag:half", "tag:tenth")}

    assert [readers for readers, _ in parts.values()] == [READERS, READERS // 2, READERS // 10]
    for _, calls in parts.values():
        # Sixteen walks of one page each, and for a shard with anybody in it one batch and its end: as for a short list.
        assert calls["Query"] == 65  # one asks whether the send was begun by a release that knows no partitions
        assert calls["PutItem"] <= 3 * 16 + 1  # and in how many partitions it lies
        assert calls["GetItem"] + calls["UpdateItem"] == 34
        assert "BatchGetItem" not in calls  # nobody's record is read
