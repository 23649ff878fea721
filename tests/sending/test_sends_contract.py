"""What the store of sends promises, checked on the one in memory and on DynamoDB alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from newsletter.errors import UnreadableBatchError
from newsletter.readers.domain.shard import shards
from newsletter.sending.adapters.dynamo_sends import LETTERS, DynamoSends
from newsletter.sending.domain.batch import LARGEST_BATCH, ONE_CALL, Batch, BatchState
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.forecast import forecast
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.probe import Probe
from newsletter.sending.domain.progress import Progress
from newsletter.sending.domain.quota import Allowance
from newsletter.sending.domain.send import Again, PausedBy, Send, SendState
from newsletter.sending.jobs.send_again import BECAUSE
from newsletter.sending.ports import SendStore
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id
from tests.sending.fakes import MemorySends
from tests.simulation.dynamo_partitions import PartitionedDynamo


@pytest.fixture(params=["memory", "dynamodb", "dynamodb, spread over seven partitions", "model of partitions"])
def sends(request: pytest.FixtureRequest) -> SendStore:
    if request.param == "memory":
        return MemorySends()
    if request.param == "model of partitions":
        client: Any = PartitionedDynamo()
        return DynamoSends(client, "SendsTable")
    store = DynamoSends(request.getfixturevalue("dynamodb"), "SendsTable")
    if request.param != "dynamodb":
        store.spread(SLUG, 7)
    return store


def a_send(**changes: Any) -> Send:
    return replace(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW), **changes)


BOOKS = Books(3, sent=1, skipped={"left": 1}, failed={"rejected": 1})


ONE_HOUR = timedelta(hours=1)


def standing(sends: SendStore, slug: str = SLUG) -> Send:
    send = sends.get(slug)
    assert send is not None
    return send


def some_batch(after: str = "00", numbers: range = range(1, 51)) -> Batch:
    return Batch.of(SLUG, after, tuple(sorted(an_id(number * 256) for number in numbers)), now=NOW)


def test_a_send_is_opened_once(sends: SendStore) -> None:
    assert sends.get(SLUG) is None
    assert sends.open(a_send()) == a_send()
    assert sends.open(a_send(content_hash="b" * 64)) == a_send()


def test_a_send_is_closed_once_and_never_from_a_pause(sends: SendStore) -> None:
    sends.open(a_send())
    assert sends.close(standing(sends), BOOKS, now=NOW)
    assert not sends.close(standing(sends), Books(0), now=NOW)
    assert not sends.pause(SLUG, "too late", by=PausedBy.PERSON, now=NOW)
    assert not sends.cancel(SLUG, because="too late", now=NOW)
    assert not sends.resume(SLUG, now=NOW)
    assert standing(sends) == a_send(state=SendState.CLOSED, revision=1, books=BOOKS, closed_at=NOW)

    sends.open(a_send(slug="other"))
    assert sends.pause("other", "a person said so", by=PausedBy.PERSON, now=NOW)
    assert not sends.close(standing(sends, "other"), BOOKS, now=NOW)


def test_a_send_that_changed_while_its_books_were_counted_is_not_closed(sends: SendStore) -> None:
    counted = sends.open(a_send())
    sends.pause(SLUG, "a person said so", by=PausedBy.PERSON, now=NOW)
    sends.resume(SLUG, now=NOW)

    assert not sends.close(counted, BOOKS, now=NOW)
    assert sends.close(standing(sends), BOOKS, now=NOW)


def test_a_send_is_never_closed_with_books_that_do_not_balance(sends: SendStore) -> None:
    with pytest.raises(ValueError, match="do not balance"):
        sends.close(sends.open(a_send()), Books(3, sent=2, unknown=1), now=NOW)
    assert standing(sends) == a_send()


def test_a_pause_says_who_why_and_until_when_and_is_taken_back_wholly(sends: SendStore) -> None:
    sends.open(a_send())
    because = "The day's quota is used up."
    assert sends.pause(SLUG, because, by=PausedBy.QUOTA, resume_at=NOW + ONE_HOUR, now=NOW)
    held = standing(sends)
    assert (held.state, held.paused_because, held.paused_by) == (SendState.PAUSED, because, PausedBy.QUOTA)
    assert (held.paused_at, held.resume_at) == (NOW, NOW + ONE_HOUR)
    assert not sends.pause(SLUG, "again", by=PausedBy.QUOTA, now=NOW + ONE_HOUR)
    assert standing(sends) == held

    assert sends.resume(SLUG, now=NOW + ONE_HOUR)
    assert not sends.resume(SLUG, now=NOW + ONE_HOUR)
    assert standing(sends) == a_send(revision=2, resumed_at=NOW + ONE_HOUR, planners_due=True)


def test_a_pause_gives_way_to_a_stronger_one_only(sends: SendStore) -> None:
    sends.open(a_send())
    for by in PausedBy:
        assert sends.pause(SLUG, f"by {by}", by=by, now=NOW)
    for by in PausedBy:
        assert not sends.pause(SLUG, "weaker, or the same again", by=by, now=NOW)
    assert standing(sends).paused_because == "by person"


def test_a_pause_for_the_quota_that_a_person_took_over_does_not_end_alone(sends: SendStore) -> None:
    sends.open(a_send())
    sends.pause(SLUG, "quota", by=PausedBy.QUOTA, resume_at=NOW, now=NOW)
    sends.pause(SLUG, "a person said so", by=PausedBy.PERSON, now=NOW)

    assert not sends.resume(SLUG, paused_by=PausedBy.QUOTA, now=NOW)
    assert standing(sends).resume_at is None
    assert sends.resume(SLUG, paused_by=PausedBy.PERSON, now=NOW)


@pytest.mark.parametrize("held", [True, False])
def test_an_open_or_paused_send_is_cancelled_once_and_then_closed(sends: SendStore, held: bool) -> None:
    sends.open(a_send())
    if held:
        sends.pause(SLUG, "a person said so", by=PausedBy.PERSON, now=NOW)

    assert sends.cancel(SLUG, because="wrong issue", now=NOW)
    assert not sends.cancel(SLUG, because="once more", now=NOW)
    assert not sends.resume(SLUG, now=NOW)
    assert not sends.pause(SLUG, "too late", by=PausedBy.PERSON, now=NOW)
    stopping = standing(sends)
    assert (stopping.state, stopping.cancelled_because, stopping.paused_because) == (
        SendState.CANCELLING,
        "wrong issue",
        "",
    )
    assert sends.close(stopping, BOOKS, now=NOW)
    assert standing(sends).cancelled


def test_a_send_that_does_not_exist_is_neither_paused_nor_resumed_nor_cancelled(sends: SendStore) -> None:
    assert not sends.pause(SLUG, "nothing there", by=PausedBy.PERSON, now=NOW)
    assert not sends.resume(SLUG, now=NOW)
    assert not sends.cancel(SLUG, because="nothing there", now=NOW)
    assert sends.get(SLUG) is None


def test_planned_shards_are_remembered(sends: SendStore) -> None:
    sends.finish_shard(SLUG, shards(16)[3])
    sends.finish_shard(SLUG, shards(16)[3])

    assert sends.finished_shards(SLUG) == {"30"}
    assert sends.finished_shards("other") == frozenset()


def test_a_batch_is_written_once_and_comes_back_as_it_was(sends: SendStore) -> None:
    assert sends.add_batch(some_batch())
    assert not sends.add_batch(some_batch(numbers=range(1, 3)))
    assert sends.batch(SLUG, "00") == some_batch()
    assert sends.batch(SLUG, "10") is None


def test_every_outcome_survives_the_store(sends: SendStore) -> None:
    outcomes = dict(zip(some_batch().ids, Outcome, strict=False))
    claimed = some_batch().claimed("worker", now=NOW)
    sends.add_batch(some_batch())

    assert sends.replace(some_batch(), claimed)
    assert sends.replace(claimed, claimed.recorded(outcomes, now=NOW))
    assert sends.batch(SLUG, "00") == claimed.recorded(outcomes, now=NOW)
    assert set(LETTERS) == {None, *Outcome}


def test_only_one_of_two_workers_gets_the_claim(sends: SendStore) -> None:
    sends.add_batch(some_batch())

    assert sends.replace(some_batch(), some_batch().claimed("one", now=NOW))
    assert not sends.replace(some_batch(), some_batch().claimed("two", now=NOW))
    stored = sends.batch(SLUG, "00")
    assert stored is not None
    assert (stored.state, stored.claim) == (BatchState.CLAIMED, "one")


def test_batches_are_listed_by_shard_in_the_order_of_ids(sends: SendStore) -> None:
    first, second, *_ = shards(16)
    last = shards(16)[-1]
    for shard, low in ((last, 0xF0), (second, 0x10), (first, 0x00)):
        sends.add_batch(Batch.of(SLUG, shard.first, (an_id(low), an_id(low + 256)), now=NOW))
        sends.add_batch(Batch.of(SLUG, an_id(low + 256), (an_id(low + 512),), now=NOW))

    assert [batch.after for batch in sends.batches(SLUG, first)] == ["00", an_id(0x100)]
    assert [batch.after for batch in sends.batches(SLUG, last)] == ["f0", an_id(0x1F0)]
    everything = [who for batch in sends.batches(SLUG) for who in batch.ids]
    assert everything == sorted(everything)
    assert len(everything) == 9


def test_the_batch_of_a_subscriber_is_found_from_the_id_alone(sends: SendStore) -> None:
    ids = sorted(an_id(number * 256) for number in range(1, 121))
    after = "00"
    for start in range(0, len(ids), ONE_CALL):
        group = tuple(ids[start : start + ONE_CALL])
        sends.add_batch(Batch.of(SLUG, after, group, now=NOW))
        after = group[-1]

    for who in (ids[0], ids[49], ids[50], ids[-1]):
        found = sends.batch_of(SLUG, who)
        assert found is not None
        assert who in found.ids
    assert sends.batch_of(SLUG, an_id(0xFF)) is None
    assert sends.batch_of("other", ids[0]) is None


@pytest.mark.parametrize(("readers", "units"), [(ONE_CALL, 1), (500, 9), (LARGEST_BATCH, 17)])
def test_a_batch_with_outcomes_takes_few_write_units(dynamodb: Any, readers: int, units: int) -> None:
    """Item size by DynamoDB's rules: names and values in UTF-8 bytes, binary as it is."""
    sends = DynamoSends(dynamodb, "SendsTable")
    longest = Batch.of("x" * 100, an_id(7), tuple(an_id(n) for n in range(readers)), now=NOW)
    sends.add_batch(longest)
    sends.replace(longest, longest.claimed("c" * 32, now=NOW))

    (item,) = dynamodb.scan(TableName="SendsTable")["Items"]
    size = sum(len(name) + len(next(iter(value.values()))) for name, value in item.items())
    assert size <= units * 1024 + 120  # a slug of a hundred letters is allowed to cost another unit
    assert size - 2 * len("x" * 100) < units * 1024


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("SET outcomes = :value", {"S": ".!."}),  # a letter that means nothing
        ("SET outcomes = :value", {"S": "."}),  # three readers, one outcome
        ("SET attempts = :value", {"S": "many"}),
        ("REMOVE ids", None),  # not to be taken for the end of a chain
    ],
)
def test_a_batch_that_somebody_else_wrote_into_is_unreadable_and_not_something_else(
    dynamodb: Any, change: str, value: dict[str, str] | None
) -> None:
    store = DynamoSends(dynamodb, "SendsTable")
    store.add_batch(Batch.of(SLUG, "00", (an_id(1), an_id(2), an_id(3)), now=NOW))
    values: dict[str, Any] = {"ExpressionAttributeValues": {":value": value}} if value else {}
    key = {"slug": {"S": SLUG}, "item": {"S": "batch#00"}}
    dynamodb.update_item(TableName="SendsTable", Key=key, UpdateExpression=change, **values)

    with pytest.raises(UnreadableBatchError, match="batch#00"):
        store.batch(SLUG, "00")
    with pytest.raises(UnreadableBatchError, match="batch#00"):
        list(store.batches(SLUG))


def test_a_send_goes_one_by_one_once_and_for_a_reason(sends: SendStore) -> None:
    sends.open(a_send())

    assert sends.change(SLUG, lambda send: send.handed_one_by_one("SES limits calls.")) is not None
    assert sends.change(SLUG, lambda send: send.handed_one_by_one("again")) is None
    assert standing(sends).one_by_one_because == "SES limits calls."


def test_the_end_of_a_chain_takes_the_name_of_the_next_batch(sends: SendStore) -> None:
    sends.add_batch(some_batch())
    assert sends.add_batch(Batch.end(SLUG, some_batch().last, now=NOW))
    assert not sends.add_batch(Batch.of(SLUG, some_batch().last, (an_id(0x900),), now=NOW))

    chain = list(sends.batches(SLUG, shards(16)[0]))
    assert [batch.is_end for batch in chain] == [False, True]
    assert chain[1] == Batch.end(SLUG, some_batch().last, now=NOW)
    assert sends.batch_of(SLUG, some_batch().last) == some_batch()


def test_rounds_are_chains_of_their_own(sends: SendStore) -> None:
    first, second = Batch.of(SLUG, "00", (an_id(0x100),), now=NOW), Batch.of(SLUG, "r2_00", (an_id(0x200),), now=NOW)
    sends.add_batch(first)
    sends.add_batch(second)
    sends.finish_shard(SLUG, shards(16)[0], round_number=2)

    assert (second.round, second.begins, second.last) == (2, "00", an_id(0x200))
    assert list(sends.batches(SLUG)) == [first, second]
    assert list(sends.batches(SLUG, shards(16)[0])) == [first]
    assert list(sends.batches(SLUG, shards(16)[0], round_number=2)) == [second]
    assert list(sends.batches(SLUG, shards(16)[15], round_number=1)) == []
    assert sends.batch_of(SLUG, an_id(0x200)) is None
    assert sends.batch_of(SLUG, an_id(0x200), round_number=2) == second
    assert sends.finished_shards(SLUG) == frozenset()
    assert sends.finished_shards(SLUG, round_number=2) == {"00"}


def test_sums_of_a_shard_hold_until_something_final_is_opened_again(sends: SendStore) -> None:
    send = sends.open(a_send())
    sends.finish_shard(SLUG, shards(16)[3])
    sends.finish_shard(SLUG, shards(16)[4])
    sends.record_sums(send, shards(16)[3], BOOKS, round_number=1)

    assert sends.sums(send) == {(1, "30"): BOOKS}
    assert sends.finished_shards(SLUG) == {"30", "40"}
    again = sends.change(SLUG, Send.to_be_counted_again)
    assert again is not None
    assert sends.sums(again) == {}


def test_doubts_survive_the_store_and_are_forgotten_with_a_retry(sends: SendStore) -> None:
    sends.add_batch(some_batch())
    claimed = some_batch().claimed("worker", now=NOW)
    sends.replace(some_batch(), claimed)
    resolved = claimed.resolved((), now=NOW + ONE_HOUR, grace=timedelta(0))
    assert resolved is not None
    assert set(resolved.doubts) == {1}
    assert sends.replace(claimed, resolved)
    assert sends.batch(SLUG, "00") == resolved
    failed = resolved.recorded(dict.fromkeys(resolved.ids, Outcome.GAVE_UP), now=NOW)
    sends.replace(resolved, failed)
    retried = failed.retried([Outcome.GAVE_UP], (), now=NOW)
    assert retried is not None
    assert sends.replace(failed, retried)
    assert sends.batch(SLUG, "00") == retried
    assert retried.doubts == ()


def test_repeats_survive_the_store_and_a_retry(sends: SendStore) -> None:
    sends.add_batch(some_batch())
    claimed = some_batch().claimed("worker", now=NOW)
    sends.replace(some_batch(), claimed)
    again = claimed.resolved((), now=NOW + ONE_HOUR, grace=timedelta(0))
    assert again is not None
    assert sends.replace(claimed, again)
    failed = again.recorded(dict.fromkeys(again.ids, Outcome.GAVE_UP), now=NOW)
    sends.replace(again, failed)
    retried = failed.retried([Outcome.GAVE_UP], (), now=NOW)
    assert retried is not None
    assert sends.replace(failed, retried)
    assert sends.batch(SLUG, "00") == retried
    assert set(retried.repeats) == {1}
    proved = retried.recorded(dict.fromkeys(again.ids, Outcome.SENT), now=NOW, accepted=again.ids)
    assert sends.replace(retried, proved)
    assert sends.batch(SLUG, "00") == proved
    assert proved.repeats == ()


def test_batches_of_an_earlier_version_tell_their_doubts_as_repeats(request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue("dynamodb")
    sends = DynamoSends(client, "SendsTable")
    sends.add_batch(some_batch())
    client.update_item(
        TableName="SendsTable", Key={"slug": {"S": SLUG}, "item": {"S": "batch#00"}},
        UpdateExpression="SET doubts = :doubts", ExpressionAttributeValues={":doubts": {"S": "1" + "0" * 49}},
    )  # fmt: skip
    found = sends.batch(SLUG, "00")
    assert found is not None
    assert found.repeats == found.doubts == (1, *(0,) * 49)


def test_failures_survive_the_store_and_are_forgotten_with_a_retry(sends: SendStore) -> None:
    sends.add_batch(some_batch())
    claimed = some_batch().claimed("worker", now=NOW)
    sends.replace(some_batch(), claimed)
    first, *others = claimed.ids
    failed = claimed.recorded({first: Outcome.GAVE_UP}, now=NOW, failed=[first])
    assert sends.replace(claimed, failed)
    assert sends.batch(SLUG, "00") == failed
    assert [failed.failures_of(who) for who in claimed.ids] == [1, *(0 for _ in others)]
    retried = failed.retried([Outcome.GAVE_UP], (), now=NOW)
    assert retried is not None
    assert sends.replace(failed, retried)
    assert sends.batch(SLUG, "00") == retried
    assert retried.failures == ()


def test_every_field_of_a_header_survives_the_store(sends: SendStore) -> None:
    full = a_send(
        rehearsal_of="other", round=3, reopened=2, expected_end=NOW + ONE_HOUR, editors_informed_of=PausedBy.QUOTA,
        reported=True, reports_mailed=1, report_claimed_at=NOW, news_claimed_at=NOW,
        state=SendState.PAUSED, revision=7, paused_because="why", paused_by=PausedBy.SES, paused_at=NOW,
        preparing=Again.REST,
        resume_at=NOW, resumed_at=NOW, cancelled_because="no", cancelled_at=NOW, closed_at=NOW, books=BOOKS,
        forecast=forecast(1432, Allowance(per_second=14, per_day=50_000, left_today=200)),
    )  # fmt: skip
    assert sends.open(full) == full


def test_how_many_reports_the_editors_have_stands_on_the_header(sends: SendStore) -> None:
    sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))
    changed = [sends.change(SLUG, lambda send: send.with_report_mailed(1)) for _ in range(2)]

    assert [each is not None for each in changed] == [True, False]
    header = sends.get(SLUG)
    assert header is not None
    assert header.reports_mailed == 1


@pytest.mark.parametrize("whom", Again)
def test_a_header_of_an_earlier_version_still_says_for_whom_another_try_is_prepared(
    whom: Again, request: pytest.FixtureRequest
) -> None:
    client = request.getfixturevalue("dynamodb")
    sends = DynamoSends(client, "SendsTable")
    held = a_send(state=SendState.CLOSED).held_for_another_try(BECAUSE[whom], whom=whom, now=NOW)
    assert held is not None
    sends.open(held)
    client.update_item(
        TableName="SendsTable", Key={"slug": {"S": SLUG}, "item": {"S": "header"}}, UpdateExpression="REMOVE preparing"
    )

    assert sends.get(SLUG) == held


def test_a_person_who_pauses_prepares_no_other_try(sends: SendStore) -> None:
    sends.open(a_send())
    assert sends.pause(SLUG, "wrong picture", by=PausedBy.PERSON, now=NOW)

    header = sends.get(SLUG)
    assert header is not None
    assert header.preparing is None


def test_what_is_known_of_doubts_and_outages_survives_the_store_and_older_headers_have_none_of_it(
    sends: SendStore,
) -> None:
    stored = sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))
    assert (stored.probe, stored.doubts_end_at, stored.outage_ended_at) == (None, None, None)
    probe = Probe(NOW, "f" * 32, 7, 20)
    sends.pause(SLUG, "no answer", by=PausedBy.OUTAGE, resume_at=NOW, now=NOW)
    sends.resume(SLUG, now=NOW + ONE_HOUR)
    sends.change(SLUG, lambda send: send.with_doubts(end_at=NOW, wait_for="why"))
    sends.change(SLUG, lambda send: send.with_probe(probe))
    sends.change(SLUG, Send.with_editors_informed_of_doubts)

    send = sends.get(SLUG)

    assert send is not None
    assert (send.probe, send.doubts_end_at, send.doubts_wait_for) == (probe, NOW, "why")
    assert (send.outage_ended_at, send.editors_informed_of_doubts) == (NOW + ONE_HOUR, True)
    over = sends.change(SLUG, lambda send: send.with_doubts(end_at=None, wait_for=""))
    assert over is not None
    assert sends.get(SLUG) == over
    assert (over.probe, over.editors_informed_of_doubts) == (None, False)


def test_open_sends_are_listed_until_they_are_closed_and_again_when_they_are_opened_again(sends: SendStore) -> None:
    sends.open(a_send())
    sends.open(a_send(slug="other"))
    sends.pause("other", "a person said so", by=PausedBy.PERSON, now=NOW)
    assert sorted(sends.open_sends()) == sorted([SLUG, "other"])

    assert sends.close(standing(sends), BOOKS, now=NOW)
    assert sends.open_sends() == ["other"]

    sends.change(SLUG, Send.to_be_counted_again)
    assert sorted(sends.open_sends()) == sorted([SLUG, "other"])


def test_a_look_is_booked_once_unless_it_is_over_or_too_late(sends: SendStore) -> None:
    def book(at: int, soon: int) -> bool:
        return sends.book_look(SLUG, NOW + timedelta(seconds=at), soon=NOW + timedelta(seconds=soon))

    assert book(300, 150)
    assert not book(310, 160)
    assert book(70, 40)
    assert book(370, 200)
    assert not book(371, 200)


def test_batches_are_counted_beside_the_chains_they_are_of(sends: SendStore) -> None:
    assert sends.count_through(SLUG, 1).through == 1
    assert sends.chain_planned(SLUG, "00", 2) == Progress({"00": 2}, 1)
    assert sends.chain_planned(SLUG, "r2_00", 0) == Progress({"00": 2, "r2_00": 0}, 1)
    assert sends.chain_planned(SLUG, "00", 3) == Progress({"00": 3, "r2_00": 0}, 1)
    assert sends.count_through(SLUG, -1) == Progress({"00": 3, "r2_00": 0}, 0)
