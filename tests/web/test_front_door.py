"""From when on what comes past CloudFront is refused."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from newsletter.web.front_door import LEARNING, FrontDoor
from tests.core.fakes import NOW, VirtualClock


class MemoryProofLog:
    """Remembers the first moment, and how often it was asked."""

    def __init__(self) -> None:
        self.first: datetime | None = None
        self.calls = 0

    def note(self, now: datetime) -> None:
        self.calls += 1
        self.first = self.first or now

    def since(self) -> datetime | None:
        self.calls += 1
        return self.first


@pytest.mark.parametrize(("passed", "let_in"), [(timedelta(0), True), (LEARNING, False), (timedelta(days=400), False)])
def test_others_are_let_in_for_an_hour_after_the_first_proof(passed: timedelta, let_in: bool) -> None:
    proof_log, clock = MemoryProofLog(), VirtualClock()
    assert FrontDoor(proof_log, clock).lets_in(proved=True)
    clock.sleep(passed.total_seconds())

    assert FrontDoor(proof_log, clock).lets_in(proved=False) is let_in
    assert FrontDoor(proof_log, clock).lets_in(proved=True)


def test_where_nobody_ever_comes_through_cloudfront_nobody_is_refused() -> None:
    proof_log, clock = MemoryProofLog(), VirtualClock()
    front_door = FrontDoor(proof_log, clock)
    for _ in range(3):
        assert front_door.lets_in(proved=False)
        clock.sleep(LEARNING.total_seconds())

    assert proof_log.first is None


def test_an_environment_notices_while_it_lives_that_others_are_refused_now() -> None:
    proof_log, clock = MemoryProofLog(), VirtualClock()
    front_door = FrontDoor(proof_log, clock)
    assert front_door.lets_in(proved=False)
    FrontDoor(proof_log, clock).lets_in(proved=True)  # another environment
    assert front_door.lets_in(proved=False)
    clock.sleep(LEARNING.total_seconds())

    assert not front_door.lets_in(proved=False)


def test_what_is_known_is_not_asked_for_again() -> None:
    proof_log, clock = MemoryProofLog(), VirtualClock(NOW)
    front_door = FrontDoor(proof_log, clock)
    for proved in (True, True, False, False):
        front_door.lets_in(proved=proved)

    assert proof_log.calls == 2
