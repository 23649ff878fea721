"""The audience is whole: whoever the index showed too late is found in the list itself, and planned once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from newsletter.errors import MalformedMessageError, UnknownSendError
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.move import Move
from newsletter.readers.domain.shard import shards
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.moving import moved, moved_in
from newsletter.sending.adapters.dynamo_sends import DynamoSends
from newsletter.sending.adapters.dynamo_sweeps import DynamoSweeps
from newsletter.sending.adapters.send_queues import PlanMessage, SweepMessage, read_plan
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.books import Tally, tally
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.probe import CLOCKS_APART
from newsletter.sending.domain.send import PausedBy, Send, SendState
from newsletter.sending.jobs.fan_out import fan_out
from newsletter.sending.jobs.sweep import Swept, sweep
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id, subscriber
from tests.readers.fakes import MemorySubscribers
from tests.sending.fakes import MemoryQueues, MemorySends, MemorySweeps, PlainAccount

JUST_BEFORE = NOW - timedelta(minutes=2)


@dataclass
class House:
    """A send whose audience is planned, but for whoever confirmed too late for the index."""

    readers: MemorySubscribers = field(default_factory=lambda: MemorySubscribers(subscriber(1), subscriber(2)))
    queues: MemoryQueues = field(default_factory=MemoryQueues)
    sends: MemorySends = field(default_factory=MemorySends)

    def __post_init__(self) -> None:
        self.sweeps = MemorySweeps(self.sends)
        self.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, swept_in=2, opened_at=NOW))
        self.plan()
        self.queues.batches.clear()

    def plan(self) -> None:
        for shard in shards(16):
            fan_out(
                SLUG, shard.first, sends=self.sends, audience=self.readers, sending_account=PlainAccount(),
                queues=self.queues, sweeps=self.sweeps, out_of_time=lambda: False, now=NOW,
            )  # fmt: skip

    def sweep(self) -> int:
        parts = [
            sweep(SLUG, part, sends=self.sends, sweeps=self.sweeps, readers=self.readers, queues=self.queues, now=NOW)
            for part in (0, 1)
        ]
        return sum(swept.found for swept in parts)

    @property
    def planned(self) -> list[str]:
        return [subscriber_id for batch in self.sends.batches(SLUG) for subscriber_id in batch.ids]

    def move(self, number: int, new_number: int) -> None:
        old = self.readers.by_id[an_id(number)]
        later = NOW + timedelta(minutes=1)
        asked = Move(new_id=an_id(new_number), email=f"reader{new_number}@example.org", asked_at=later)
        new = moved_in(old, None, move=asked, consent=Consent(asked_at=later, page="preferences"), now=later)
        assert self.readers.save_both(new, moved(old, new.subscriber_id, now=later))


def test_whoever_ends_the_last_shard_asks_for_the_sweep_and_nobody_before() -> None:
    house = House()
    assert house.queues.sweeps == [(SLUG, 0), (SLUG, 1)]


def test_a_reader_who_confirmed_just_before_the_opening_is_found_and_planned_alone() -> None:
    house = House()
    house.readers.save(subscriber(3, confirmed_at=JUST_BEFORE))

    assert house.sweep() == 1

    assert house.planned == [an_id(1), an_id(2), an_id(3)]
    assert house.queues.batches == [(SLUG, f"r0_{an_id(3)}", 0)]
    assert house.sends.batch_of(SLUG, an_id(3), round_number=0) is not None
    assert house.queues.settles == [(SLUG, 0)]


def test_a_sweep_after_one_that_was_cut_off_plans_nobody_twice_and_queues_what_was_perhaps_not_queued() -> None:
    house = House()
    house.readers.save(subscriber(3, confirmed_at=JUST_BEFORE))
    house.sweep()
    house.sweeps.finished.clear()  # as before the last step of the first sweep
    house.queues.batches.clear()
    assert house.sweep() == 0
    assert house.planned.count(an_id(3)) == 1
    assert house.queues.batches == [(SLUG, f"r0_{an_id(3)}", 0)]


def test_a_message_put_back_from_the_dead_letters_queues_no_batch_again_and_asks_for_the_close() -> None:
    house = House()
    house.readers.save(subscriber(3, confirmed_at=JUST_BEFORE))
    house.sweep()
    house.queues.batches.clear()
    house.queues.settles.clear()
    assert house.sweep() == 0
    assert house.queues.batches == []
    assert house.queues.settles == [(SLUG, 0), (SLUG, 0)]


def test_whoever_confirmed_by_another_clock_a_moment_after_the_opening_is_planned_too() -> None:
    house = House()
    house.readers.save(subscriber(3, confirmed_at=NOW + timedelta(seconds=40)))

    assert house.sweep() == 1


@pytest.mark.parametrize(
    "reader",
    [
        subscriber(3, confirmed_at=NOW + CLOCKS_APART + timedelta(seconds=1)),
        subscriber(3, confirmed_at=NOW - timedelta(hours=2)),
        subscriber(3, confirmed_at=JUST_BEFORE, status=Status.UNSUBSCRIBED),
        subscriber(3, confirmed_at=JUST_BEFORE, suppressed=True),
    ],
)
def test_nobody_else_is_planned(reader: object) -> None:
    house = House()
    house.readers.save(reader)  # type: ignore[arg-type]
    assert house.sweep() == 0
    assert house.planned == [an_id(1), an_id(2)]


def test_a_reader_who_moved_before_their_old_address_was_planned_is_found_at_the_new_one() -> None:
    house = House()
    house.readers.save(subscriber(3, confirmed_at=JUST_BEFORE))
    house.move(3, 4)
    assert house.sweep() == 1
    assert house.planned == [an_id(1), an_id(2), an_id(4)]


def test_a_reader_who_moves_while_the_list_is_swept_keeps_the_old_place() -> None:
    house = House()
    house.readers.save(subscriber(3, confirmed_at=JUST_BEFORE))
    house.sweeps.finish_part(SLUG, 0)  # that of number 4; number 3 is in the other one
    house.move(3, 4)
    assert house.sweep() == 1
    assert house.planned == [an_id(1), an_id(2), an_id(3)]


def test_a_reader_whose_old_address_has_a_place_gets_no_other_one() -> None:
    house = House()
    house.move(2, 4)
    assert house.sweep() == 0


def test_nobody_is_added_to_a_part_that_is_through() -> None:
    house = House()
    house.sweep()
    house.readers.save(subscriber(3, confirmed_at=JUST_BEFORE))
    assert house.sweep() == 0
    assert house.planned == [an_id(1), an_id(2)]


def test_a_sweep_waits_for_the_last_shard() -> None:
    house = House()
    house.sends.planned[SLUG].discard((1, "40"))
    answer = sweep(
        SLUG, 0, sends=house.sends, sweeps=house.sweeps, readers=house.readers, queues=house.queues, now=NOW
    )  # fmt: skip
    assert answer == Swept(0, finished=False)
    assert house.sweeps.finished_parts(SLUG) == frozenset()


def test_a_held_send_is_not_swept_and_an_unknown_one_is_an_error() -> None:
    house = House()
    house.readers.save(subscriber(3, confirmed_at=JUST_BEFORE))
    house.sends.pause(SLUG, "somebody wants it", by=PausedBy.PERSON, now=NOW)
    assert house.sweep() == 0
    assert house.sweeps.finished_parts(SLUG) == frozenset()
    house.sends.headers.clear()
    with pytest.raises(UnknownSendError):
        house.sweep()


def test_a_send_of_an_older_version_is_not_swept() -> None:
    house = House()
    house.sends.headers[SLUG] = replace(house.sends.headers[SLUG], swept_in=0)
    house.queues.sweeps.clear()
    house.plan()
    assert house.queues.sweeps == []


def test_a_later_round_passes_over_whoever_the_sweep_found() -> None:
    house = House()
    house.readers.save(subscriber(3, confirmed_at=JUST_BEFORE))
    house.sweep()
    house.sends.headers[SLUG] = replace(house.sends.headers[SLUG], round=2)
    house.plan()
    assert house.planned.count(an_id(3)) == 1


@pytest.fixture(params=["memory", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> tuple[MemorySends, MemorySweeps] | tuple[DynamoSends, DynamoSweeps]:
    if request.param == "memory":
        sends = MemorySends()
        return sends, MemorySweeps(sends)
    client = request.getfixturevalue("dynamodb")
    return DynamoSends(client, "SendsTable"), DynamoSweeps(client, "SendsTable")


def test_a_part_that_is_through_takes_nobody_and_the_others_do(
    stores: tuple[MemorySends, MemorySweeps] | tuple[DynamoSends, DynamoSweeps],
) -> None:
    sends, sweeps = stores
    first, second = (Batch.of(SLUG, f"r0_{an_id(number)}", (an_id(number),), now=NOW) for number in (1, 2))

    assert sweeps.add_found(first, 3)
    assert not sweeps.add_found(first, 3)
    sweeps.finish_part(SLUG, 3)
    assert not sweeps.add_found(second, 3)
    assert sweeps.add_found(second, 12)

    assert sweeps.finished_parts(SLUG) == {3}
    assert sweeps.finished_parts("another") == frozenset()
    assert [batch.ids for batch in sends.batches(SLUG)] == [(an_id(1),), (an_id(2),)]
    found = sends.batch_of(SLUG, an_id(2), round_number=0)
    assert found is not None
    assert sends.replace(found, found.recorded({an_id(2): Outcome.SENT}, now=NOW))


def test_a_header_remembers_in_how_many_parts_the_list_is_read(
    stores: tuple[MemorySends, MemorySweeps] | tuple[DynamoSends, DynamoSweeps],
) -> None:
    sends, _ = stores
    opened = Send(slug=SLUG, content_hash="a" * 64, shards=16, swept_in=16, opened_at=NOW)
    assert sends.open(opened) == opened
    assert sends.get(SLUG) == opened


def test_both_messages_of_the_plan_queue_are_told_apart() -> None:
    assert read_plan('{"slug": "an-issue", "shard": "a0"}') == PlanMessage("an-issue", "a0")
    assert read_plan('{"slug": "an-issue", "sweep": "12"}') == SweepMessage("an-issue", 12)
    for body in ('{"slug": "an-issue"}', '{"slug": "x", "sweep": "two"}', '{"slug": "x", "shard": "a", "sweep": "1"}'):
        with pytest.raises(MalformedMessageError):
            read_plan(body)


def test_books_say_how_many_were_found_late_and_whether_the_audience_is_whole() -> None:
    house = House()
    house.readers.save(subscriber(3, confirmed_at=JUST_BEFORE))
    house.sweep()
    books = tally(house.sends.batches(SLUG))
    assert (books.audience, books.found_late) == (3, 1)
    together = Tally()
    together.add_books(books)
    together.add_books(books)
    assert together.books.found_late == 2

    header = replace(house.sends.headers[SLUG], state=SendState.CLOSED)
    assert header.audience_is_whole
    assert not replace(header, state=SendState.OPEN).audience_is_whole
    assert not replace(header, cancelled_at=NOW).audience_is_whole
    assert not replace(header, swept_in=0).audience_is_whole
