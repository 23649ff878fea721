"""The rate that all workers share: in memory and in DynamoDB, one book, one pace."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast

import pytest

from newsletter.sending.adapters.dynamo_rate import LONGEST_LINE, DynamoRate
from newsletter.sending.domain.pace import HEADROOM, IN_VAIN_FOR, IN_VAIN_SHARE, IN_VAIN_TIMES, LEAST, SQUEEZED_TIMES
from newsletter.sending.ses_ports import Rate
from tests.core.fakes import NOW
from tests.sending.fakes import MemoryRate
from tests.simulation.dynamo_partitions import PartitionedDynamo

Workers = Callable[[float], list[Rate]]
"""Makes three workers that share an account of so many recipients a second."""

SECOND = timedelta(seconds=1)
LATE = NOW + timedelta(minutes=1)


@pytest.fixture(params=["memory", "dynamodb", "model of partitions"])
def workers(request: pytest.FixtureRequest) -> Workers:
    def three(rate: float) -> list[Rate]:
        if request.param == "memory":
            return [MemoryRate(per_second=rate)] * 3
        modelled = request.param == "model of partitions"
        client: Any = PartitionedDynamo() if modelled else request.getfixturevalue("dynamodb")
        return [DynamoRate(client, "LimitsTable", account_rate=lambda: rate) for _ in range(3)]

    return three


def test_workers_queue_up_in_time_at_the_account_rate(workers: Workers) -> None:
    three = workers(100.0)

    starts = [three[turn % 3].reserve(50, now=NOW, latest=LATE) or LATE for turn in range(9)]

    gaps = [(later - earlier).total_seconds() for earlier, later in zip(starts, starts[1:], strict=False)]
    assert starts[0] == NOW
    assert gaps == pytest.approx([50 / (100 * HEADROOM)] * 8, abs=1e-5)


def test_a_fast_account_loses_nothing_by_rounding(workers: Workers) -> None:
    worker = workers(5000.0)[0]
    for _ in range(100):
        last = worker.reserve(50, now=NOW, latest=LATE)

    assert last is not None
    assert (last - NOW).total_seconds() == pytest.approx(99 * 50 / (5000 * HEADROOM), rel=1e-4)


def test_room_that_nobody_took_is_not_saved_up(workers: Workers) -> None:
    worker = workers(100.0)[0]
    worker.reserve(50, now=NOW, latest=NOW)
    later = NOW + timedelta(minutes=5)

    assert worker.reserve(50, now=later, latest=later) == later
    second = worker.reserve(50, now=later, latest=later + timedelta(minutes=1))
    assert second is not None
    assert second > later


def test_whoever_cannot_wait_that_long_takes_no_room_away_from_the_others(workers: Workers) -> None:
    worker = workers(10.0)[0]
    worker.reserve(500, now=NOW, latest=NOW)

    assert [worker.reserve(10, now=NOW, latest=NOW + timedelta(seconds=40)) for _ in range(5)] == [None] * 5
    start = worker.reserve(10, now=NOW, latest=NOW + timedelta(minutes=2))
    assert start is not None
    assert (start - NOW).total_seconds() == pytest.approx(500 / (10 * HEADROOM), abs=0.01)


def test_when_one_worker_is_throttled_all_slow_down_and_each_of_them_knows_it(workers: Workers) -> None:
    first, second, third = workers(100.0)
    start = second.reserve(50, now=NOW, latest=LATE)
    assert start is not None

    pace = first.slow_down(start, calls=False, now=NOW)

    assert pace.share(NOW) == pytest.approx(0.5)
    third.reserve(50, now=NOW, latest=LATE)
    behind = third.reserve(50, now=NOW, latest=LATE)
    before = 50 / (100 * HEADROOM)
    assert behind is not None
    assert (behind - NOW).total_seconds() == pytest.approx(before + 2 * before, rel=1e-3)


def test_calls_that_were_booked_before_the_pace_was_lowered_lower_it_no_further(workers: Workers) -> None:
    first, second, third = workers(100.0)
    starts = [worker.reserve(50, now=NOW, latest=LATE) or LATE for worker in (first, second, third)]

    paces = [
        worker.slow_down(start, calls=False, now=NOW)
        for worker, start in zip((third, second, first), reversed(starts), strict=True)
    ]

    assert len(set(paces)) == 1
    assert paces[0].share(NOW) == pytest.approx(0.5)


def test_the_pace_comes_back_quickly_to_just_below_the_wall_and_slowly_across_it(workers: Workers) -> None:
    worker = workers(100.0)[0]

    pace = worker.slow_down(NOW, calls=False, now=NOW)

    shares = [round(pace.share(NOW + seconds * SECOND), 3) for seconds in (0, 4, 8, 18, 28, 60)]
    assert shares == [0.5, 0.7, 0.9, 0.95, 1.0, 1.0]


def test_the_pace_never_falls_to_nothing_and_throttles_that_no_pace_ends_are_not_heeded_for_a_while(
    workers: Workers,
) -> None:
    worker, now, shares = workers(100.0)[0], NOW, []
    for _ in range(20):
        pace = worker.slow_down(now, calls=False, now=now)
        shares.append(round(pace.share(pace.slowed_at or now), 3))
        now += SECOND

    assert min(shares) >= LEAST
    assert pace.in_vain == IN_VAIN_TIMES
    assert set(shares[IN_VAIN_TIMES - 1 :]) == {IN_VAIN_SHARE}


def test_throttles_are_heeded_again_after_a_while(workers: Workers) -> None:
    first, second, _ = workers(100.0)
    for turn in range(IN_VAIN_TIMES):
        first.slow_down(NOW + turn * SECOND, calls=False, now=NOW + turn * SECOND)
    later = NOW + IN_VAIN_TIMES * SECOND + IN_VAIN_FOR

    pace = second.slow_down(later, calls=False, now=later)

    assert (pace.slowed_at, pace.slowed_from, pace.in_vain) == (later, 1.0, 1)


def test_whole_calls_throttled_far_below_the_rate_again_and_again_are_about_calls(workers: Workers) -> None:
    first, second, _ = workers(200.0)

    paces = [
        worker.slow_down(NOW + turn * SECOND, calls=True, now=NOW + turn * SECOND)
        for turn, worker in enumerate([first, second] * 2)
    ]

    assert [pace.squeezed for pace in paces] == [0, 1, 2, 3]  # the first was at the full rate
    assert [pace.limited_by_calls for pace in paces] == [False, False, False, True]
    assert SQUEEZED_TIMES == 3


def test_recipients_throttled_in_between_say_that_it_is_about_recipients_after_all(workers: Workers) -> None:
    worker = workers(200.0)[0]
    for turn, calls in enumerate([True, True, True, False, True]):
        pace = worker.slow_down(NOW + turn * SECOND, calls=calls, now=NOW + turn * SECOND)

    assert pace.squeezed == 1


def test_the_full_pace_can_be_restored_for_everybody(workers: Workers) -> None:
    first, second, _ = workers(100.0)
    first.slow_down(NOW, calls=True, now=NOW)

    second.restore()

    now = NOW + SECOND
    first.reserve(50, now=now, latest=LATE)
    behind = first.reserve(50, now=now, latest=LATE)
    assert behind is not None
    assert (behind - now).total_seconds() == pytest.approx(50 / (100 * HEADROOM), rel=1e-3)


def test_mail_to_one_person_makes_issues_wait_their_turn(workers: Workers) -> None:
    first, second, _ = workers(10.0)
    first.reserve(5, now=NOW, latest=LATE)
    for _ in range(20):
        second.take(NOW)

    start = first.reserve(5, now=NOW, latest=LATE)

    assert start is not None
    assert (start - NOW).total_seconds() == pytest.approx(25 / (10 * HEADROOM), rel=1e-3)


def test_mail_to_one_person_books_nothing_while_no_issue_goes_out(workers: Workers) -> None:
    worker = workers(10.0)[0]
    worker.take(NOW)

    assert worker.reserve(5, now=NOW, latest=NOW) == NOW


def test_a_call_takes_half_a_second_of_the_account_at_most(workers: Workers) -> None:
    assert [workers(rate)[0].largest_call for rate in (0.5, 1.0, 14.0, 200.0)] == [1, 1, 7, 100]


def test_a_worker_with_a_clock_minutes_ahead_cannot_raise_the_rate(workers: Workers) -> None:
    """It books from its own present on, so the others wait or come back later; nobody sends too fast."""
    right, ahead, _ = workers(100.0)
    skewed = NOW + timedelta(minutes=3)
    first = ahead.reserve(50, now=skewed, latest=skewed + timedelta(seconds=40))
    assert first == skewed

    assert right.reserve(50, now=NOW, latest=NOW + timedelta(seconds=40)) is None
    later = skewed + SECOND
    start = right.reserve(50, now=later, latest=later)
    assert start == later


def test_whoever_finds_no_room_is_told_when_to_come_back_one_behind_the_other(workers: Workers) -> None:
    three = workers(14.0)
    full = three[0].reserve(50, now=NOW, latest=NOW)
    each = three[0].seconds(50, now=NOW)

    assert full == NOW
    assert [worker.reserve(50, now=NOW, latest=NOW + SECOND) for worker in three] == [None] * 3
    places = [worker.place_in_line(50, now=NOW) for worker in three]

    assert [(place - NOW).total_seconds() for place in places] == pytest.approx([each, 1.5 * each, 2 * each], abs=1e-3)


def test_a_place_in_line_books_nothing(workers: Workers) -> None:
    one, another, _ = workers(14.0)
    one.reserve(50, now=NOW, latest=NOW)
    one.place_in_line(50, now=NOW)
    free = NOW + timedelta(seconds=one.seconds(50, now=NOW))

    start = another.reserve(50, now=free, latest=free + SECOND)

    assert start is not None
    assert (start - free).total_seconds() == pytest.approx(0, abs=1e-3)


def test_the_line_is_as_long_as_a_message_can_be_delayed(workers: Workers) -> None:
    worker = workers(1.0)[0]
    worker.reserve(50, now=NOW, latest=NOW)

    places = [worker.place_in_line(100, now=NOW) for _ in range(20)]

    assert max(places) == NOW + LONGEST_LINE
    assert places == sorted(places)


def test_an_account_that_was_idle_has_forgotten_the_line(workers: Workers) -> None:
    """A send that was paused left places behind; whoever comes next does not stand behind nobody."""
    one, another, _ = workers(14.0)
    one.reserve(50, now=NOW, latest=NOW)
    for _ in range(100):
        one.place_in_line(50, now=NOW)
    later = NOW + timedelta(minutes=1)

    assert another.reserve(50, now=later, latest=later) == later
    assert another.reserve(50, now=later, latest=later) is None
    assert another.place_in_line(50, now=later) <= later + timedelta(seconds=4)


@pytest.fixture
def item_and_workers() -> tuple[PartitionedDynamo, list[DynamoRate]]:
    item: Any = PartitionedDynamo()
    return item, [DynamoRate(item, "LimitsTable", account_rate=lambda: 14.0) for _ in range(2)]


def test_what_a_worker_knows_to_be_taken_it_does_not_ask_about(
    item_and_workers: tuple[PartitionedDynamo, list[DynamoRate]],
) -> None:
    """Nine batches of ten find no room on a slow account, and none of them writes or reads anything."""
    item, (worker, _) = item_and_workers
    worker.reserve(50, now=NOW, latest=NOW + SECOND)
    asked = item.units.total()

    assert [worker.reserve(50, now=NOW, latest=NOW + SECOND) for _ in range(9)] == [None] * 9
    assert item.units.total() == asked


def test_a_worker_that_is_not_alone_reads_before_it_writes_and_is_hardly_ever_refused(
    item_and_workers: tuple[PartitionedDynamo, list[DynamoRate]],
) -> None:
    item, workers = item_and_workers
    now, booked = NOW, 0
    for turn in range(300):
        worker, now = workers[turn % 2], now + timedelta(seconds=0.9)
        if worker.reserve(50, now=now, latest=now + SECOND) is None:
            worker.place_in_line(50, now=now)
        else:
            booked += 1

    assert booked >= 70
    assert item.refused <= 2


def test_ten_batches_of_one_worker_that_ask_at_once_are_refused_nothing(
    item_and_workers: tuple[PartitionedDynamo, list[DynamoRate]],
) -> None:
    item, (worker, _) = item_and_workers
    with ThreadPoolExecutor(10) as threads:
        starts = list(threads.map(lambda _: worker.reserve(7, now=NOW, latest=NOW + 2 * SECOND), range(10)))

    assert sum(start is not None for start in starts) == 4  # half a second each
    assert item.refused == 0


def test_a_table_that_does_not_say_why_it_refused_is_asked(dynamodb: Any) -> None:
    """As DynamoDB did before 2023, and emulators do."""

    class Silent:
        def __getattr__(self, name: str) -> Any:
            return getattr(dynamodb, name)

        def update_item(self, **asked: Any) -> Any:
            asked.pop("ReturnValuesOnConditionCheckFailure")
            return dynamodb.update_item(**asked)

    one, another = (DynamoRate(cast("Any", Silent()), "LimitsTable", account_rate=lambda: 14.0) for _ in range(2))
    one.reserve(50, now=NOW, latest=NOW)

    assert another.reserve(50, now=NOW, latest=NOW) is None
    start = another.reserve(50, now=NOW, latest=LATE)
    assert start is not None
    assert (start - NOW).total_seconds() == pytest.approx(50 / (14 * HEADROOM), abs=1e-3)


def test_a_clock_ten_minutes_off_changes_the_rate_of_nobody_else(workers: Workers) -> None:
    """AWS refuses what is signed so far off; where that is not looked at, the others wait, and nobody is too fast."""
    right, ahead, behind = workers(100.0)
    ten = timedelta(minutes=10)

    late = right.reserve(50, now=NOW, latest=LATE)
    assert late == NOW
    past = behind.reserve(50, now=NOW - ten, latest=NOW - ten + SECOND)
    assert past is None or past >= NOW

    assert ahead.reserve(50, now=NOW + ten, latest=NOW + ten + SECOND) == NOW + ten
    assert right.reserve(50, now=NOW + SECOND, latest=NOW + 2 * SECOND) is None
    free = NOW + ten + SECOND
    assert right.reserve(50, now=free, latest=free) == free
