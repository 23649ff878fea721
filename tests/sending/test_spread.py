"""A send that is spread over several partitions of DynamoDB, and one of an older version that is not."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from newsletter.errors import AccountUnknownError
from newsletter.feedback.adapters.dynamo_evidence import DynamoEvidence
from newsletter.readers.domain.shard import shards
from newsletter.sending.adapters.dynamo_outcomes import DynamoOutcomes
from newsletter.sending.adapters.dynamo_repairs import DynamoRepairs
from newsletter.sending.adapters.dynamo_sends import DynamoSends, batch_item, header_item
from newsletter.sending.adapters.dynamo_sweeps import DynamoSweeps
from newsletter.sending.adapters.issue_partition import IssuePartition
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.pace import MOST_PARTITIONS, partition_count
from newsletter.sending.domain.quota import Allowance
from newsletter.sending.domain.send import PausedBy, Send
from newsletter.sending.jobs.fan_out import fan_out
from tests.core.fakes import NOW, VirtualClock
from tests.factories import SLUG, an_id
from tests.readers.fakes import MemorySubscribers
from tests.sending.fakes import MemoryQueues, MemorySends, MemorySweeps, PlainAccount

TABLE = "SendsTable"
SEND = Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW)


class SilentAccount(PlainAccount):
    """SES does not say how fast it is."""

    def allowance(self) -> Allowance:
        raise AccountUnknownError("SES does not answer")


def allowance(rate: float) -> Allowance:
    return Allowance(per_second=rate, per_day=-1, left_today=-1)


def batches(count: int) -> list[Batch]:
    """Return a chain of batches of one recipient each, in the order of their ids."""
    ids = sorted(an_id(number * 0x1000) for number in range(1, count + 1))
    return [Batch.of(SLUG, after, (one,), now=NOW) for after, one in zip(["00", *ids], ids, strict=False)]


def counts_by_partition(client: Any) -> Counter[str]:
    return Counter(item["slug"]["S"] for item in client.scan(TableName=TABLE)["Items"])


@pytest.mark.parametrize(
    ("rate", "count"), [(0.0, 1), (14, 1), (2_500, 1), (2_501, 2), (10_000, 4), (50_000, 20), (10**9, MOST_PARTITIONS)]
)
def test_a_send_has_as_many_partitions_as_the_rate_of_the_account_needs(rate: float, count: int) -> None:
    assert partition_count(rate) == count


@pytest.mark.parametrize("store", ["memory", "dynamodb"])
def test_how_many_partitions_a_send_has_is_decided_once(request: pytest.FixtureRequest, store: str) -> None:
    sends: Any = MemorySends()
    later: Any = sends
    if store == "dynamodb":
        client = request.getfixturevalue("dynamodb")
        sends, later = DynamoSends(client, TABLE), DynamoSends(client, TABLE)

    assert sends.spread(SLUG, 5) == 5
    assert sends.spread(SLUG, 2) == 5
    assert later.spread(SLUG, 9) == 5
    assert sends.spread("another", 2) == 2


@pytest.mark.parametrize("store", ["memory", "dynamodb"])
def test_a_send_that_an_older_version_planned_stays_where_it_is(request: pytest.FixtureRequest, store: str) -> None:
    sends: Any = MemorySends() if store == "memory" else DynamoSends(request.getfixturevalue("dynamodb"), TABLE)
    old = batches(40)
    for batch in old[:20]:
        sends.add_batch(batch)

    assert sends.spread(SLUG, 10) == 1
    for batch in old[20:]:
        assert sends.add_batch(batch)
    assert list(sends.batches(SLUG)) == old


def test_items_of_an_older_version_are_read_and_written_where_they_lie(dynamodb: Any) -> None:
    for item in (header_item(SEND), *(batch_item(batch, SLUG) for batch in batches(5))):
        dynamodb.put_item(TableName=TABLE, Item=item)
    sends, evidence = DynamoSends(dynamodb, TABLE), DynamoEvidence(dynamodb, TABLE)

    first = next(sends.batches(SLUG))
    assert sends.replace(first, first.claimed("me", now=NOW))
    evidence.add(SLUG, first.after, first.ids)
    sends.finish_shard(SLUG, shards(16)[0])

    assert set(counts_by_partition(dynamodb)) == {SLUG}
    assert evidence.accepted(SLUG, first.after) == set(first.ids)


def test_batches_and_evidence_fall_evenly_on_the_partitions_and_nothing_else_leaves_the_slug(dynamodb: Any) -> None:
    sends, evidence = DynamoSends(dynamodb, TABLE), DynamoEvidence(dynamodb, TABLE)
    sends.open(SEND)
    sends.spread(SLUG, 4)
    many = batches(200)
    for batch in many:
        sends.add_batch(batch)
        evidence.add(SLUG, batch.after, batch.ids)
    sends.count_through(SLUG, 3)

    found = counts_by_partition(dynamodb)
    keys = {SLUG, *(f"{SLUG}#{number}" for number in range(1, 4))}

    assert set(found) == keys | {"open"}
    assert all(70 <= found[key] <= 140 for key in keys), found
    assert list(sends.batches(SLUG)) == many
    items = IssuePartition(dynamodb, TABLE).query(f"{SLUG}#1", "#item > :low", {":low": {"S": " "}})
    assert {item["item"]["S"].partition("#")[0] for item in items} == {"batch", "evidence"}


def test_a_batch_found_by_the_sweep_and_one_that_is_rebuilt_lie_where_they_are_looked_for(dynamodb: Any) -> None:
    sends = DynamoSends(dynamodb, TABLE)
    sends.open(SEND)
    sends.spread(SLUG, 5)
    late = [Batch.of(SLUG, f"r0_{an_id(number)}", (an_id(number),), now=NOW) for number in range(1, 9)]
    for batch in late:
        assert DynamoSweeps(dynamodb, TABLE).add_found(batch, 0)
        DynamoRepairs(dynamodb, TABLE).put_batch(batch.claimed("", now=NOW))

    assert [sends.batch(SLUG, batch.after) for batch in late] == [batch.claimed("", now=NOW) for batch in late]
    assert [name for name, _ in DynamoRepairs(dynamodb, TABLE).batches(SLUG)] == sorted(one.after for one in late)


def test_what_names_readers_expires_in_every_partition(dynamodb: Any) -> None:
    sends, evidence = DynamoSends(dynamodb, TABLE), DynamoEvidence(dynamodb, TABLE)
    sends.open(SEND)
    sends.spread(SLUG, 5)
    for batch in batches(30):
        sends.add_batch(batch)
        evidence.add(SLUG, batch.after, batch.ids)

    outcomes = DynamoOutcomes(dynamodb, TABLE, VirtualClock())

    assert outcomes.expire(SLUG, now=NOW, until=NOW + timedelta(minutes=1)) == (60, True)
    assert outcomes.expire(SLUG, now=NOW, until=NOW + timedelta(minutes=1)) == (0, True)


def test_evidence_that_an_older_version_writes_while_an_upgrade_lasts_is_found(dynamodb: Any) -> None:
    DynamoSends(dynamodb, TABLE).spread(SLUG, 16)
    for batch in batches(20):
        DynamoEvidenceOfBefore(dynamodb, TABLE).add(SLUG, batch.after, batch.ids)

    evidence = DynamoEvidence(dynamodb, TABLE)

    assert [evidence.accepted(SLUG, batch.after) for batch in batches(20)] == [set(one.ids) for one in batches(20)]


class DynamoEvidenceOfBefore(DynamoEvidence):
    """Knows of one partition."""

    def partition_of(self, slug: str, name: str) -> str:  # noqa: ARG002 - as before
        return slug


@pytest.mark.parametrize(("rate", "count"), [(200.0, 1), (50_000.0, 20)])
def test_the_first_planner_decides_by_the_rate_of_the_account(rate: float, count: int) -> None:
    sends = MemorySends()
    sends.open(SEND)

    plan(sends, PlainAccount(allowance(rate)))
    plan(sends, PlainAccount(allowance(1_000_000.0)))

    assert sends.partition_counts == {SLUG: count}


def test_planning_does_not_wait_for_ses_to_say_how_fast_the_account_is() -> None:
    sends = MemorySends()
    sends.open(SEND)

    plan(sends, SilentAccount())

    assert sends.partition_counts == {SLUG: 1}


def plan(sends: Any, account: Any) -> None:
    fan_out(
        SLUG, "00", sends=sends, audience=MemorySubscribers(), sending_account=account, queues=MemoryQueues(),
        sweeps=MemorySweeps(sends), out_of_time=lambda: False, now=NOW,
    )  # fmt: skip


def test_a_look_up_asks_every_partition_and_finds_the_batch_of_a_reader(dynamodb: Any) -> None:
    sends = DynamoSends(dynamodb, TABLE)
    sends.open(SEND)
    sends.spread(SLUG, 6)
    for batch in batches(50):
        sends.add_batch(batch)
    wanted = batches(50)[33]
    claimed = wanted.claimed("me", now=NOW)
    sends.replace(wanted, claimed.recorded({wanted.ids[0]: Outcome.SENT}, now=NOW))

    found = sends.batch_of(SLUG, wanted.ids[0])

    assert found is not None
    assert found.outcome_of(wanted.ids[0]) is Outcome.SENT


@pytest.mark.parametrize("spoilt", [{}, {"partitions": {"S": "many"}}, {"partitions": {"N": "0"}}])
def test_a_send_whose_spread_somebody_spoilt_is_held_with_the_name_of_the_item(
    dynamodb: Any, spoilt: dict[str, Any]
) -> None:
    DynamoSends(dynamodb, TABLE).open(SEND)
    dynamodb.put_item(TableName=TABLE, Item={"slug": {"S": SLUG}, "item": {"S": "spread"}, **spoilt})
    sends = DynamoSends(dynamodb, TABLE)

    plan(sends, PlainAccount(allowance(50_000.0)))

    held = sends.get(SLUG)
    assert held is not None
    assert held.paused_by is PausedBy.RECORD
    assert "The item spread of" in held.paused_because
    assert counts_by_partition(dynamodb) == {SLUG: 2, "open": 1}
