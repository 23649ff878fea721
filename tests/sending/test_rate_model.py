"""How close to SES's rate a fleet comes, and how often it is throttled: a model in which only time is invented.

The workers' arithmetic is that of the real adapter, on a mocked DynamoDB; the account is the one of the SES simulator.
Each worker books, waits, calls over a network of varying speed, reports throttles, works a little, and books again.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from local.simulator.account import Account, Limits
from newsletter.sending.adapters.dynamo_rate import DynamoRate
from newsletter.sending.adapters.ses_single import CALLS_AT_ONCE
from newsletter.sending.domain.batch import ONE_CALL
from newsletter.sending.jobs.send_batch import ASK_AGAIN, BOOK_AHEAD
from newsletter.sending.ses_ports import Rate
from tests.core.fakes import NOW
from tests.sending.fakes import MemoryRate

NETWORK = (0.005, 0.12)
"""Seconds until a call arrives; of two calls the later may come first."""
ANSWER = (0.05, 0.45)
"""Seconds until its answer, between a laptop's and what others measured for fifty recipients."""
BETWEEN = (0.02, 0.08)
"""Seconds for a claim, two reads, and one write of outcomes."""


@dataclass
class Fleet:
    """Workers without batches: there is always somebody to be sent to."""

    rate: float
    workers: list[Rate]
    lanes: int
    seconds: float
    stranger: float = 0.0
    """What another sender takes from the account, as a share of its rate, in the second third of the time."""
    calls_per_second: float = 0.0
    """Calls that SES takes; zero is no limit."""
    stray: float = 0.0
    """The share of calls that SES refuses whatever the pace."""
    one_by_one: bool = False
    """Whether each recipient is a call of its own, from the beginning."""
    seed: int = 1
    accepted: Counter[int] = field(default_factory=Counter)
    throttled: Counter[int] = field(default_factory=Counter)
    single_since: float | None = None

    def run(self) -> Fleet:
        """Let time pass."""
        random, account = Random(self.seed), Account(Limits(max_send_rate=self.rate, max_24_hour_send=-1))  # noqa: S311
        calls = Account(Limits(max_send_rate=self.calls_per_second)) if self.calls_per_second else None
        count = len(self.workers) * self.lanes
        # (time, what happens, lane, recipients, booked start)
        self.single_since = 0.0 if self.one_by_one else None
        events: list[tuple[float, str, int, int, float]] = [
            (random.random(), "book", lane, 0, 0) for lane in range(count)
        ]
        if self.stranger:
            step = 1 / (self.rate * self.stranger)
            third = self.seconds / 3
            events += [(third + number * step, "stranger", 0, 1, 0) for number in range(int(third / step))]
        heapq.heapify(events)
        while events and events[0][0] < self.seconds:
            at, kind, lane, recipients, start = heapq.heappop(events)
            worker, now = self.workers[lane % len(self.workers)], NOW + timedelta(seconds=at)
            if kind == "stranger":
                account.take_rate(1, now)
            elif kind == "book":
                largest = ONE_CALL if self.single_since is None else CALLS_AT_ONCE
                size = min(largest, worker.largest_call)
                room = worker.reserve(size, now=now, latest=now + BOOK_AHEAD)
                if room is None:
                    heapq.heappush(events, (at + ASK_AGAIN.total_seconds(), "book", lane, 0, 0))
                    continue
                leaves = (room - NOW).total_seconds()
                arrives = max(at, leaves) + random.uniform(*NETWORK)
                heapq.heappush(events, (arrives, "arrive", lane, size, leaves))
            else:
                whole = calls is not None and recipients > CALLS_AT_ONCE and not calls.take_rate(1, now)
                whole = whole or (self.single_since is None and random.random() < self.stray)
                each = 0.0 if self.single_since is None else self.stray
                served = 0 if whole else sum(not each or random.random() >= each for _ in range(recipients))
                taken = sum(account.take_rate(1, now) for _ in range(served))
                self.accepted[int(at)] += taken
                self.throttled[int(at)] += recipients - taken
                answered = at + random.uniform(*ANSWER)
                if taken < recipients:
                    heard = NOW + timedelta(seconds=answered)
                    pace = worker.slow_down(NOW + timedelta(seconds=start), calls=whole, now=heard)
                    if pace.limited_by_calls and self.single_since is None:
                        self.single_since = answered
                        worker.restore()
                heapq.heappush(events, (answered + random.uniform(*BETWEEN), "book", lane, 0, 0))
        return self

    def sustained(self, begin: float, end: float) -> float:
        """Return the share of the account's rate that was used between these shares of the time."""
        seconds = range(int(self.seconds * begin), int(self.seconds * end))
        return sum(self.accepted[second] for second in seconds) / (len(seconds) * self.rate)

    @property
    def refused(self) -> float:
        """Return the share of recipients that SES throttled."""
        return self.throttled.total() / (self.throttled.total() + self.accepted.total())


def dynamo(client: Any, rate: float, workers: int = 5) -> list[Rate]:
    return [DynamoRate(client, "LimitsTable", account_rate=lambda: rate) for _ in range(workers)]


@pytest.mark.parametrize(("rate", "seconds"), [(14.0, 60.0), (200.0, 30.0), (1000.0, 15.0)])
@pytest.mark.parametrize("lanes", [2, 10])
def test_a_fleet_keeps_to_the_rate_and_is_hardly_ever_throttled(
    dynamodb: Any, rate: float, seconds: float, lanes: int
) -> None:
    fleet = Fleet(rate, dynamo(dynamodb, rate), lanes, seconds).run()

    assert fleet.sustained(0.25, 0.75) >= 0.95
    assert fleet.refused <= 0.01


@pytest.mark.parametrize("rate", [14.0, 200.0, 1000.0])
@pytest.mark.parametrize("seed", range(5))
def test_the_same_holds_for_longer_sends_and_other_chances(rate: float, seed: int) -> None:
    fleet = Fleet(rate, [MemoryRate(per_second=rate)] * 5, 10, 300.0, seed=seed).run()

    assert fleet.sustained(0.25, 0.75) >= 0.95
    assert fleet.refused <= 0.01


@pytest.mark.parametrize("rate", [14.0, 200.0, 1000.0])
def test_the_fleet_makes_way_for_another_sender_and_takes_the_room_back(rate: float) -> None:
    fleet = Fleet(rate, [MemoryRate(per_second=rate)] * 5, 10, 360.0, stranger=0.3).run()

    assert 0.5 <= fleet.sustained(0.4, 0.65) <= 0.7
    assert fleet.sustained(0.9, 1.0) >= 0.9
    assert fleet.refused <= 0.01


@pytest.mark.parametrize("rate", [100.0, 200.0, 1000.0])
def test_an_account_that_takes_one_bulk_call_a_second_is_found_out_and_goes_on_at_full_rate(rate: float) -> None:
    fleet = Fleet(rate, [MemoryRate(per_second=rate)] * 5, 10, 240.0, calls_per_second=1).run()

    assert fleet.single_since is not None
    assert fleet.single_since < 130
    assert fleet.sustained(0.6, 0.9) >= 0.95


@pytest.mark.parametrize("rate", [200.0, 1000.0])
def test_another_sender_is_not_taken_for_a_limit_of_calls(rate: float) -> None:
    fleet = Fleet(rate, [MemoryRate(per_second=rate)] * 5, 10, 360.0, stranger=0.7).run()

    assert fleet.single_since is None


@pytest.mark.parametrize("rate", [14.0, 200.0, 1000.0])
@pytest.mark.parametrize("one_by_one", [False, True])
def test_throttles_that_no_slower_pace_ends_do_not_make_a_send_crawl(rate: float, one_by_one: bool) -> None:
    fleet = Fleet(rate, [MemoryRate(per_second=rate)] * 5, 10, 300.0, stray=0.1, one_by_one=one_by_one).run()

    assert fleet.sustained(0.2, 1.0) >= 0.4
