"""Calls that do not wait for one another: made at the same time, and all ended before anybody goes on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from newsletter.aws.side_by_side import side_by_side


def test_results_come_in_the_order_of_the_calls() -> None:
    with ThreadPoolExecutor(2) as threads:
        assert side_by_side([lambda: 1, lambda: 2, lambda: 3], threads) == [1, 2, 3]
        assert side_by_side([lambda: 1], threads) == [1]


def test_calls_are_made_at_the_same_time() -> None:
    meeting = Barrier(3, timeout=20)  # breaks, and fails the test, unless all three are there together

    with ThreadPoolExecutor(2) as threads:
        assert sorted(side_by_side([meeting.wait] * 3, threads)) == [0, 1, 2]


@pytest.mark.parametrize("failing", [0, 1])
def test_nothing_goes_on_behind_an_error(failing: int) -> None:
    failed, ended = Event(), Event()

    def fail() -> None:
        failed.set()
        raise ZeroDivisionError

    def slow() -> None:
        assert failed.wait(20)
        ended.set()

    calls = [slow, slow]
    calls.insert(failing, fail)
    with ThreadPoolExecutor(3) as threads:
        with pytest.raises(ZeroDivisionError):
            side_by_side(calls, threads)
        assert ended.is_set()
