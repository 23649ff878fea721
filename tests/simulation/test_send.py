"""Thousands of ways to be killed, throttled, interrupted and misled, and the books balance after each of them."""

from __future__ import annotations

import os

import pytest

from newsletter.domain.books import tally
from newsletter.domain.outcome import Outcome
from newsletter.domain.send import SendState
from tests.factories import SLUG
from tests.simulation.world import Weather, World, batches_of

SEEDS = int(os.environ.get("SEEDS", "150"))


def told(seed: int, weather: Weather | None = None) -> World:
    world = World(seed, weather=weather)
    try:
        world.run()
        check(world)
    except AssertionError as broken:
        raise AssertionError(f"seed {seed}: {broken}\n" + "\n".join(world.log[-60:])) from broken
    return world


def check(world: World) -> None:
    assert not world.broken, world.broken
    send = world.sends.get(SLUG)
    assert send is not None
    assert send.state is SendState.CLOSED, "the send never ended"
    batches = batches_of(world)
    planned = [who for batch in batches for who in batch.ids]
    assert len(planned) == len(set(planned)), "somebody was planned twice"
    books = tally(batches)
    assert books.balanced, f"the books do not balance: {books}"
    assert send.books == books, "the stored books are not the real ones"
    outcomes = {who: outcome for batch in batches for who, outcome in zip(batch.ids, batch.outcomes, strict=True)}
    for who in world.subscribers.by_id:
        if who not in outcomes:
            assert who in world.left, f"{who} was lost"
    for who, outcome in outcomes.items():
        if outcome is Outcome.SENT:
            assert world.accepted[who] >= 1, f"{who} is on record as sent and was not"


@pytest.mark.parametrize("block", range(10))
def test_nobody_is_lost_and_nobody_mailed_twice_as_long_as_events_arrive(block: int) -> None:
    for seed in range(block * SEEDS // 10, (block + 1) * SEEDS // 10):
        world = told(seed)
        twice = [who for who, count in world.accepted.items() if count > 1]
        assert twice == [], f"seed {seed}: mailed twice: {twice}\n" + "\n".join(world.log[-80:])


def test_lost_events_can_repeat_a_mail_and_never_lose_one() -> None:
    repeated = 0
    for seed in range(10_000, 10_000 + SEEDS // 5):
        world = told(seed, Weather(event_lost=0.3))
        repeated += sum(count - 1 for count in world.accepted.values())
    assert repeated > 0  # the honest price of sending rather than holding, when SES's events are lost too


def test_in_fair_weather_everybody_gets_exactly_one_mail() -> None:
    calm = Weather(
        kill=0, interrupt=0, busy=0, throttle=0, lose_answer=0, entry_wait=0, entry_failed=0, message_twice=0, leaving=0
    )
    world = told(1, calm)

    assert set(world.accepted) == set(world.subscribers.by_id)
    assert set(world.accepted.values()) == {1}
