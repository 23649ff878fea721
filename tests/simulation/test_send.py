"""Thousands of ways to be killed, throttled, interrupted and misled, and the books balance after each of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

import pytest

from newsletter.sending.domain.answer import Answer
from newsletter.sending.domain.send import Recipient
from tests.factories import SLUG
from tests.simulation.promises import check
from tests.simulation.ses import Ses
from tests.simulation.weather import Weather
from tests.simulation.world import Killed, Worker, World

SEEDS = int(os.environ.get("SEEDS", "200"))
SEED = os.environ.get("SEED")
"""One story, told aloud: what a failing seed says it needs."""

BLOCKS = 10
WEATHERS = {
    "resend": (Weather(), False),
    "hold": (Weather(), True),
    "clocks minutes apart": (replace(Weather(), skew=6), False),
    "events lost": (replace(Weather(), event_lost=0.3), False),
    "events lost, hold": (replace(Weather(), event_lost=0.3), True),
    "SES gives no clear answer for hours": (replace(Weather(), outage=1), False),
    "SES gives no clear answer for hours, hold": (replace(Weather(), outage=1), True),
    "reports come hours late": (replace(Weather(), late=1), False),
    "reports are lost for hours": (replace(Weather(), dark=1), False),
    "nobody reads reports for hours": (replace(Weather(), unread=1), False),
    "clocks jump by an hour": (replace(Weather(), jump=1), False),
    "everything for hours": (replace(Weather(), outage=0.6, late=0.5, unread=0.5, jump=0.3), False),
    "everything for hours, hold": (replace(Weather(), outage=0.6, late=0.5, unread=0.5, jump=0.3), True),
}
SHARES = {"resend": 0.4, "hold": 0.15, "clocks minutes apart": 0.1, "events lost": 0.1, "events lost, hold": 0.05}
"""Of the seeds; every other weather gets a twenty-fifth."""


@lru_cache(maxsize=200)
def told(seed: int, weather: Weather, *, hold: bool = False) -> World:
    """Tell one story, once; a broken promise shows it to its end.

    Raises:
        AssertionError: With the trace, and how to replay it.
    """
    world = World(seed, weather=weather, hold=hold)
    try:
        world.run()
        check(world)
    except Exception as broken:
        trace = world.log if SEED else world.log[-60:]
        raise AssertionError(f"{broken!r}; replay: SEED={seed} make simulate\n" + "\n".join(trace)) from broken
    if SEED:
        print("\n".join(world.log))  # noqa: T201 - asked for
    return world


def seeds_of(name: str, block: int) -> list[int]:
    """Return the seeds of one block of one weather."""
    if SEED:
        return [int(SEED)] if block == 0 else []
    count = max(1, round(SEEDS * SHARES.get(name, 0.04) / BLOCKS))
    return list(range(block * count, (block + 1) * count))


@pytest.mark.parametrize("block", range(BLOCKS))
@pytest.mark.parametrize("name", WEATHERS)
def test_every_promise_holds_when(name: str, block: int) -> None:
    weather, hold = WEATHERS[name]
    for seed in seeds_of(name, block):
        told(seed, weather, hold=hold)


def test_lost_events_can_repeat_a_mail_and_hold_repeats_none() -> None:
    weather = replace(Weather(), event_lost=0.5, lose_answer=0.3, steering=0)
    repeated = {
        hold: sum(count - 1 for seed in range(12) for count in told(seed, weather, hold=hold).ses.accepted.values())
        for hold in (False, True)
    }
    assert repeated[False] > 0  # the honest price of sending rather than holding, when SES's events are lost too
    assert repeated[True] == 0


def test_in_fair_weather_everybody_gets_exactly_one_mail() -> None:
    world = World(1, weather=Weather.calm())
    world.run()
    check(world)

    assert set(world.ses.accepted) == set(world.subscribers.by_id)
    assert set(world.ses.accepted.values()) == {1}


def test_a_story_is_the_same_each_time_it_is_told() -> None:
    assert told(7, Weather()).log == told.__wrapped__(7, Weather()).log


def test_the_stories_are_as_eventful_as_they_should_be() -> None:
    worlds = [told(seed, Weather(), hold=seed % 2 == 0) for seed in range(200)]
    events = "\n".join(line for world in worlds for line in world.log)
    for happened in (
        "Killed()", "its time is up", "StoreBusyError", "lost: batch", "control cancel", "control rest", "failed",
        "control withdraw", "unproven", "cancelled", "erased", "paused", "suppressed", "left", "Sending is paused",
        "not verified", "quota is used up", "claimed by another worker", "rejected", "no room", "cannot be read",
    ):  # fmt: skip
        assert happened in events, f"no story tells of: {happened}"
    assert any(world.sends.get(SLUG).round > 1 for world in worlds)  # type: ignore[union-attr]


WITHIN = timedelta(minutes=10)


class CutOff(Ses):
    """SES takes one call, and whoever made it never hears of it."""

    def call(self, recipients: Sequence[Recipient], worker: Worker) -> list[Answer]:
        answers = super().call(recipients, worker)
        if not hasattr(self, "cut_at"):
            self.cut_at = self.world.seconds()
            worker.dead = True
            raise Killed
        return answers


@pytest.mark.parametrize("seed", range(20))
def test_books_are_closed_ten_minutes_after_a_crash(seed: int) -> None:
    world = World(seed, weather=Weather.calm())
    world.ses = CutOff(world, quota=None)
    world.run()
    check(world)

    closed_at = world.sends.headers[SLUG].closed_at
    assert closed_at is not None
    assert set(world.ses.accepted.values()) == {1}
    assert (closed_at - world.start).total_seconds() - world.ses.cut_at < WITHIN.total_seconds()
