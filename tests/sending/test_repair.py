"""A send that cannot be read is held, mails nobody, and is rebuilt from what else is known."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from newsletter.errors import UnknownSendError, UnreadableSendError
from newsletter.readers.domain.shard import shards
from newsletter.sending.adapters.dynamo_repairs import DynamoRepairs
from newsletter.sending.adapters.dynamo_sends import DynamoSends
from newsletter.sending.domain.batch import Batch, BatchState
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import PausedBy, Send, SendState
from newsletter.sending.jobs.repair_send import Repair, repair_send
from newsletter.sending.repair_ports import RepairPorts
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id, record
from tests.feedback.fakes import MemoryEvidence
from tests.issues.fakes import MemoryIssues

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

IDS = tuple(sorted(an_id(number * 256) for number in (1, 2, 3, 4)))
HASH = "b" * 64
LATER = NOW + timedelta(hours=1)


class House:
    """A send in the real table, in which somebody writes."""

    def __init__(self, client: DynamoDBClient) -> None:
        self.client = client
        self.sends, self.evidence = DynamoSends(client, "SendsTable"), MemoryEvidence()
        self.ports = RepairPorts(
            sends=self.sends, evidence=self.evidence, issues=MemoryIssues(record(sent_hash=HASH)),
            remnants=DynamoRepairs(client, "SendsTable"),
        )  # fmt: skip
        self.sends.open(Send(slug=SLUG, content_hash=HASH, shards=32, swept_in=16, opened_at=NOW))
        batch = Batch.of(SLUG, "00", IDS, now=NOW)
        self.sends.add_batch(batch)
        held = batch.claimed("worker", now=NOW)
        assert self.sends.replace(batch, held)
        assert self.sends.replace(held, held.recorded({IDS[0]: Outcome.SENT, IDS[1]: Outcome.LEFT}, now=NOW))
        for shard in shards(32)[1:]:
            self.sends.add_batch(Batch.end(SLUG, shard.first, now=NOW))

    def spoil(self, item: str, **attributes: Any) -> None:
        """Write into an item; None takes an attribute away."""
        for name, value in attributes.items():
            expression: dict[str, Any] = (
                {"UpdateExpression": "REMOVE #name"}
                if value is None
                else {"UpdateExpression": "SET #name = :value", "ExpressionAttributeValues": {":value": value}}
            )
            self.client.update_item(
                TableName="SendsTable", Key={"slug": {"S": SLUG}, "item": {"S": item}},
                ExpressionAttributeNames={"#name": name}, **expression,
            )  # fmt: skip

    def repair(self, *, apply: bool = True) -> Repair:
        return repair_send(SLUG, apply=apply, ports=self.ports, shard_count=16, now=LATER)

    @property
    def header(self) -> Send:
        send = self.sends.get(SLUG)
        assert send is not None
        return send

    @property
    def batch(self) -> Batch:
        batch = self.sends.batch(SLUG, "00")
        assert batch is not None
        return batch


@pytest.fixture
def house(dynamodb: DynamoDBClient) -> House:
    return House(dynamodb)


def test_an_unreadable_header_reads_as_a_held_send_and_nothing_moves_it(house: House) -> None:
    house.spoil("header", opened_at={"S": "yesterday"})

    assert (house.header.state, house.header.paused_by) == (SendState.PAUSED, PausedBy.RECORD)
    assert f"newsletter send repair {SLUG}" in house.header.paused_because
    assert not house.sends.pause(SLUG, "too many bounces", by=PausedBy.BREAKER, now=NOW)
    for steer in (
        lambda: house.sends.resume(SLUG, now=NOW),
        lambda: house.sends.cancel(SLUG, because="no", now=NOW),
        lambda: house.sends.change(SLUG, Send.to_be_counted_again),
    ):
        with pytest.raises(UnreadableSendError, match="send repair"):
            steer()


def test_that_the_editors_know_is_noted_beside_what_cannot_be_read(house: House) -> None:
    house.spoil("header", state={"S": "sideways"})

    house.sends.change(SLUG, lambda send: send.with_editors_informed(PausedBy.RECORD))

    assert house.header.editors_informed_of is PausedBy.RECORD
    assert house.header.unreadable


def test_a_look_changes_nothing(house: House) -> None:
    house.spoil("header", revision={"S": "many"})
    house.spoil("batch#00", outcomes={"S": "s!??"})

    found = house.repair(apply=False)

    assert (found.header, found.batches, found.applied) == (True, ("00",), False)
    assert house.header.unreadable


@pytest.mark.parametrize("name", ["opened_at", "state", "revision", "content_hash", "shards", "round", "forecast"])
def test_a_header_is_rebuilt_from_batches_and_the_issue_and_held(house: House, name: str) -> None:
    house.spoil("header", **{name: {"M": {"what": {"S": "is this"}}}})

    house.repair()

    header = house.header
    assert not header.unreadable
    assert (header.state, header.paused_by) == (SendState.PAUSED, PausedBy.RECORD)
    assert (header.content_hash, header.shards, header.swept_in, header.round) == (HASH, 32, 16, 1)
    assert header.opened_at == NOW
    assert house.sends.resume(SLUG, now=LATER)


def test_a_header_that_is_gone_is_rebuilt_too(house: House) -> None:
    house.client.delete_item(TableName="SendsTable", Key={"slug": {"S": SLUG}, "item": {"S": "header"}})
    house.repair()
    assert (house.header.content_hash, house.header.shards, house.header.opened_at) == (HASH, 32, NOW)


def test_sums_of_before_do_not_count_for_a_rebuilt_header(house: House) -> None:
    house.sends.record_sums(house.header, shards(32)[1], Books(99, sent=99), round_number=1)
    house.spoil("header", opened_at=None)
    house.repair()
    assert house.sends.sums(house.header) == {}


def test_a_closed_send_stays_closed_with_its_books(house: House) -> None:
    books = Books(4, sent=4)
    assert house.sends.close(house.header, books, now=LATER)
    house.spoil("header", opened_at={"S": "once"})
    house.repair()
    assert (house.header.state, house.header.books) == (SendState.CLOSED, books)


def test_a_send_that_is_being_cancelled_stays_so(house: House) -> None:
    house.sends.cancel(SLUG, because="a mistake", now=NOW)
    house.spoil("header", shards={"S": "a few"})
    house.repair()
    assert (house.header.state, house.header.cancelled_because) == (SendState.CANCELLING, "a mistake")


def test_outcomes_that_cannot_be_read_are_unknown_and_accepted_ones_are_sent(house: House) -> None:
    house.spoil("batch#00", outcomes={"S": "all of them"})
    house.evidence.add(SLUG, "00", [IDS[2]])

    found = house.repair()

    assert (found.batches, found.unknown) == (("00",), 3)
    assert house.batch.ids == IDS
    assert house.batch.outcomes == (Outcome.UNKNOWN, Outcome.UNKNOWN, Outcome.SENT, Outcome.UNKNOWN)
    assert house.batch.state is BatchState.IN_DOUBT
    assert house.header.paused_by is PausedBy.RECORD


def test_whoever_waits_in_a_batch_whose_state_is_lost_may_have_been_mailed(house: House) -> None:
    house.spoil("batch#00", state={"S": "sideways"})
    house.repair()
    assert house.batch.outcomes == (Outcome.SENT, Outcome.LEFT, Outcome.UNKNOWN, Outcome.UNKNOWN)


def test_whoever_waits_in_a_batch_that_nobody_held_goes_on_waiting_and_the_evidence_is_asked(house: House) -> None:
    house.spoil("batch#00", touched_at={"N": "5"})
    house.repair()
    assert house.batch.outcomes == (Outcome.SENT, Outcome.LEFT, None, None)
    assert house.batch.attempts > 0


def test_a_batch_without_ids_is_named_and_left(house: House) -> None:
    house.spoil("batch#00", ids={"S": "everybody"})
    found = house.repair()
    assert (found.lost, found.batches) == (("00",), ())


def test_a_batch_of_the_sweep_has_its_reader_in_its_name(house: House) -> None:
    name = f"r0_{IDS[3]}"
    house.sends.add_batch(Batch.of(SLUG, name, (IDS[3],), now=NOW))
    house.spoil(f"batch#{name}", ids=None)
    house.repair()
    batch = house.sends.batch(SLUG, name)
    assert batch is not None
    assert batch.outcomes == (None,)


def test_an_end_of_a_chain_is_an_end_again(house: House) -> None:
    house.spoil("batch#40", touched_at={"S": "late"})
    house.repair()
    batch = house.sends.batch(SLUG, "40")
    assert batch is not None
    assert batch.is_end


def test_readers_whose_records_could_not_be_read_are_named(house: House) -> None:
    batch = house.batch
    held = batch.claimed("another", now=NOW)
    assert house.sends.replace(batch, held)
    assert house.sends.replace(held, held.recorded({IDS[3]: Outcome.UNREADABLE}, now=NOW))
    assert house.repair(apply=False).readers == (IDS[3],)


def test_a_send_that_is_whole_is_left_alone(house: House) -> None:
    before = house.header
    found = house.repair()
    assert (found.header, found.batches, found.lost, found.readers) == (False, (), (), ())
    assert house.header == before


def test_a_send_that_never_was_is_unknown(house: House) -> None:
    with pytest.raises(UnknownSendError):
        repair_send("2026-12-15-another", apply=True, ports=house.ports, shard_count=16, now=NOW)


def test_a_shard_whose_sums_cannot_be_read_is_counted_again(house: House) -> None:
    shard = shards(32)[1]
    house.sends.record_sums(house.header, shard, Books(0), round_number=1)
    house.spoil(f"shard#{shard.first}", books={"S": "plenty"})
    assert house.sends.sums(house.header) == {}
    assert house.sends.finished_shards(SLUG) == {shard.first}
