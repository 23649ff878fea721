"""Planning: everybody in exactly one batch, however often and wherever a run is cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import AccountUnknownError, MalformedMessageError, UnknownSendError
from newsletter.readers.domain.shard import shards
from newsletter.readers.domain.subscriber import Status
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.quota import Allowance
from newsletter.sending.domain.send import PausedBy, Send
from newsletter.sending.jobs.fan_out import Planned, fan_out
from newsletter.sending.ses_ports import SendingAccount
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id, subscriber
from tests.readers.fakes import MemorySubscribers
from tests.sending.fakes import MemoryQueues, MemorySends, MemorySweeps, PlainAccount

SMALL = PlainAccount()
"""14 recipients a second: batches are small."""


class PowerCutError(Exception):
    """The run ends here."""


def an_open_send(count: int = 16) -> MemorySends:
    sends = MemorySends()
    sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=count, opened_at=NOW))
    return sends


def plan(
    sends: MemorySends,
    audience: MemorySubscribers,
    queues: MemoryQueues,
    first: str = "00",
    out_of_time: Callable[[], bool] = lambda: False,
    account: SendingAccount = SMALL,
) -> Planned:
    return fan_out(
        SLUG,
        first,
        sends=sends,
        audience=audience,
        sending_account=account,
        queues=queues,
        sweeps=MemorySweeps(sends),
        out_of_time=out_of_time,
        now=NOW,
    )


def in_shard_00(count: int) -> MemorySubscribers:
    return MemorySubscribers(*(subscriber(number * 256 + number % 16) for number in range(1, count + 1)))


def planned_ids(sends: MemorySends) -> list[str]:
    return [who for batch in sends.batches(SLUG) for who in batch.ids]


def test_everybody_in_the_shard_is_planned_and_queued_in_batches_of_fifty() -> None:
    sends, queues, audience = an_open_send(), MemoryQueues(), in_shard_00(120)

    assert plan(sends, audience, queues) == Planned(3, finished=True)

    assert planned_ids(sends) == sorted(audience.by_id)
    assert [after for _, after, _ in queues.batches] == [batch.after for batch in sends.batches(SLUG) if batch.ids]
    assert sends.finished_shards(SLUG) == {"00"}


@pytest.mark.parametrize(("rate", "size"), [(1, 50), (14, 50), (100, 50), (200, 100), (1000, 500), (100_000, 1000)])
def test_a_batch_is_as_large_as_what_leaves_on_one_booking_at_the_accounts_rate(rate: float, size: int) -> None:
    sends, audience = an_open_send(), in_shard_00(1050)

    plan(sends, audience, MemoryQueues(), account=PlainAccount(Allowance(per_second=rate, per_day=-1, left_today=-1)))

    assert max(len(batch.ids) for batch in sends.batches(SLUG)) == size
    assert planned_ids(sends) == sorted(audience.by_id)


def test_planning_does_not_wait_for_ses_to_say_how_the_account_stands() -> None:
    class Silent(PlainAccount):
        def allowance(self) -> Allowance:
            raise AccountUnknownError("SES does not answer")

    sends, audience = an_open_send(), in_shard_00(120)

    assert plan(sends, audience, MemoryQueues(), account=Silent()) == Planned(3, finished=True)


@pytest.mark.parametrize("count", [16, 32, 64, 128, 256])
def test_the_shards_together_hold_everybody_once(count: int) -> None:
    sends, queues = an_open_send(count), MemoryQueues()
    audience = MemorySubscribers(*(subscriber(number) for number in range(1000)))

    for shard in shards(count):
        plan(sends, audience, queues, shard.first)

    assert planned_ids(sends) == sorted(audience.by_id)


def test_only_confirmed_and_not_suppressed_people_are_planned() -> None:
    sends = an_open_send()
    audience = MemorySubscribers(
        subscriber(0x100),
        subscriber(0x200, status=Status.UNCONFIRMED),
        subscriber(0x300, status=Status.UNSUBSCRIBED),
        subscriber(0x400, suppressed=True),
    )

    plan(sends, audience, MemoryQueues())

    assert planned_ids(sends) == [an_id(0x100)]


def test_planning_again_plans_nobody_twice_and_queues_what_still_waits() -> None:
    sends, queues, audience = an_open_send(), MemoryQueues(), in_shard_00(120)
    plan(sends, audience, queues, out_of_time=lambda: True)
    assert queues.plans == [(SLUG, "00")]
    queues.batches.clear()

    plan(sends, audience, queues)

    assert planned_ids(sends) == sorted(audience.by_id)
    assert len({after for _, after, _ in queues.batches}) == 3


@given(st.lists(st.integers(0, 12), max_size=6))
def test_a_run_may_be_cut_off_before_or_after_any_write(cuts: list[int]) -> None:
    sends, queues, audience = an_open_send(), MemoryQueues(), in_shard_00(120)
    for cut in cuts:
        steps = iter(range(cut))

        def power(steps: object = steps) -> bool:
            if next(steps, None) is None:  # type: ignore[call-overload]
                raise PowerCutError
            return False

        with suppress(PowerCutError):
            plan(sends, audience, queues, out_of_time=power)
    plan(sends, audience, queues)

    assert planned_ids(sends) == sorted(audience.by_id)
    queued = {after for _, after, _ in queues.batches}
    assert queued == {batch.after for batch in sends.batches(SLUG) if batch.ids}


def test_two_planners_of_one_shard_do_not_overlap_even_when_the_audience_changes_between_them() -> None:
    sends, queues, audience = an_open_send(), MemoryQueues(), in_shard_00(70)
    first = sorted(audience.by_id)[0]

    class Overtaken(MemorySends):
        """Another planner, who saw one reader less, writes the first batch at the worst moment."""

        def add_batch(self, batch: Batch) -> bool:
            if not self.batch_items:
                others = tuple(sorted(set(audience.by_id) - {first})[:50])
                super().add_batch(Batch.of(SLUG, "00", others, now=NOW))
            return super().add_batch(batch)

    overtaken = Overtaken()
    overtaken.headers = sends.headers
    plan(overtaken, audience, queues)

    ids = planned_ids(overtaken)
    assert len(ids) == len(set(ids))
    assert set(ids) == set(audience.by_id) - {first}


def test_a_plan_message_of_an_unknown_send_is_refused() -> None:
    with pytest.raises(UnknownSendError):
        plan(MemorySends(), in_shard_00(1), MemoryQueues())


def test_a_plan_message_of_an_unknown_shard_is_refused() -> None:
    with pytest.raises(MalformedMessageError):
        plan(an_open_send(), in_shard_00(1), MemoryQueues(), first="zz")


def test_a_stale_plan_message_does_nothing() -> None:
    sends, queues = an_open_send(), MemoryQueues()
    sends.pause(SLUG, "a person said so", by=PausedBy.PERSON, now=NOW)

    assert plan(sends, in_shard_00(3), queues) == Planned(0, finished=True)
    assert queues.batches == []


def test_a_planner_who_was_slow_cannot_add_anybody_to_a_finished_shard() -> None:
    sends, audience = an_open_send(), in_shard_00(3)
    plan(sends, audience, MemoryQueues())

    assert not sends.add_batch(Batch.of(SLUG, sorted(audience.by_id)[-1], (an_id(0x0F00),), now=NOW))
    assert plan(sends, in_shard_00(9), MemoryQueues()) == Planned(0, finished=True)


def test_a_plan_message_of_a_finished_shard_queues_what_still_waits() -> None:
    sends, queues = an_open_send(), MemoryQueues()
    plan(sends, in_shard_00(60), queues)
    queues.batches.clear()

    plan(sends, in_shard_00(60), queues)

    assert len(queues.batches) == 2


def test_a_later_round_plans_whoever_is_in_no_earlier_one_and_nobody_else() -> None:
    sends, queues, audience = an_open_send(), MemoryQueues(), in_shard_00(120)
    plan(sends, audience, queues)
    early = set(planned_ids(sends))
    queues.batches.clear()
    for number in range(1000, 1070):
        audience.save(subscriber(number * 256 + number % 16))
    sends.headers[SLUG] = replace(sends.headers[SLUG], round=2)

    plan(sends, audience, queues)
    plan(sends, audience, queues)

    second = [who for batch in sends.batches(SLUG) if batch.round == 2 for who in batch.ids]
    assert set(second) == set(audience.by_id) - early
    assert len(second) == 70
    assert planned_ids(sends) == [*sorted(early), *second]
    assert {after for _, after, _ in queues.batches if after.startswith("r2_")} == {
        batch.after for batch in sends.batches(SLUG) if batch.round == 2 and batch.ids
    }


class Counted(MemorySends):
    """Counts the writes, and the calls to the queue."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0

    def add_batch(self, batch: Batch) -> bool:
        self.writes += 1
        return super().add_batch(batch)


class CountedQueues(MemoryQueues):
    """Counts calls as SQS does: ten messages in one."""

    calls = 0

    def send(self, slug: str, batch_names: Iterable[str], *, delay: int = 0) -> None:
        names = list(batch_names)
        self.calls += -(-len(names) // 10)
        super().send(slug, names, delay=delay)


def test_a_thousand_readers_are_planned_with_22_calls_and_one_for_the_end() -> None:
    sends, queues = Counted(), CountedQueues()
    sends.headers = an_open_send().headers

    plan(sends, in_shard_00(1000), queues)

    assert sends.writes == 20 + 1
    assert queues.calls == 2
