"""Thousands of ways to be killed, throttled, interrupted and misled, and the books balance after each of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from newsletter.sending.domain.answer import Answer
from newsletter.sending.domain.send import Recipient
from tests.factories import SLUG
from tests.moto_aws import template
from tests.simulation.calls import Killed
from tests.simulation.long_faults import FILE
from tests.simulation.promises import check
from tests.simulation.ses import Ses
from tests.simulation.weather import MOODS, PEOPLE_CUT_OFF, Weather
from tests.simulation.worker import Worker
from tests.simulation.world import World

SEEDS = int(os.environ.get("SEEDS", "200"))
SEED = os.environ.get("SEED")
"""One story, told aloud: what a failing seed says it needs."""

BLOCKS = 40
"""Pieces in which the stories are told: small ones, so that two processors end at the same time."""

WEATHERS: dict[str, tuple[Weather, bool, int]] = {
    "resend": (Weather(), False, 260),
    "hold": (Weather(), True, 100),
    "clocks minutes apart": (replace(Weather(), skew=6), False, 80),
    "events lost": (replace(Weather(), event_lost=0.3), False, 80),
    "events lost, hold": (replace(Weather(), event_lost=0.3), True, 40),
    "SES gives no clear answer for hours": (replace(Weather(), outage=1), False, 40),
    "SES gives no clear answer for hours, hold": (replace(Weather(), outage=1), True, 40),
    "reports come hours late": (replace(Weather(), late=1), False, 40),
    "reports are lost for hours": (replace(Weather(), dark=1), False, 40),
    "nobody reads reports for hours": (replace(Weather(), unread=1), False, 40),
    "clocks jump by an hour": (replace(Weather(), jump=1), False, 40),
    "everything for hours": (replace(Weather(), outage=0.6, late=0.5, unread=0.5, jump=0.3), False, 40),
    "everything for hours, hold": (replace(Weather(), outage=0.6, late=0.5, unread=0.5, jump=0.3), True, 19),
    "SES has its moods, and nobody dies": (MOODS, False, 40),
    "people are cut off": (PEOPLE_CUT_OFF, False, 30),
    "the tables take no reports for days": (replace(Weather(), clogged=1, lose_answer=0.2), False, 20),
    "the tables take no reports for days, hold": (replace(Weather(), clogged=1, lose_answer=0.2), True, 20),
    "some leave first": (replace(Weather(), first_wave=1, bounce=0.04, large=0.3), False, 30),
    "thousands of readers": (replace(Weather.of_many(), crowd=1), False, 1),
}
"""The weather, whether readers without proof are given up rather than mailed again, and of a thousand stories how many
have it."""

MIXED = [name for name, (_, _, share) in WEATHERS.items() for _ in range(share)]
Random(1).shuffle(MIXED)  # noqa: S311 - the same mixture each time


def story(seed: int) -> World:
    """Tell the story of a seed, in the weather that this seed has."""
    name = MIXED[seed % len(MIXED)]
    weather, hold, _ = WEATHERS[name]
    return told(seed, weather, hold=hold, name=name)


def told(seed: int, weather: Weather, *, hold: bool = False, name: str = "") -> World:
    """Tell one story; a broken promise shows it to its end.

    Raises:
        AssertionError: With the trace, and how to replay it.
    """
    world = World(seed, weather=weather, hold=hold)
    try:
        world.run()
        check(world)
    except Exception as broken:
        trace = world.log if SEED else world.log[-60:]
        replay = f"{name}: SEED={seed} make simulate" if name else f"seed {seed}, hold={hold}"
        raise AssertionError(f"{broken!r}; replay {replay}\n" + "\n".join(trace)) from broken
    if SEED:
        print("\n".join(world.log))  # noqa: T201 - asked for
    return world


def seeds_of(block: int) -> list[int]:
    """Return the seeds of one block."""
    if SEED:
        return [int(SEED)] if block == 0 else []
    return list(range(block, SEEDS, BLOCKS))


@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_promise_holds_in(block: int) -> None:
    for seed in seeds_of(block):
        story(seed)


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
    assert story(7).log == story(7).log


def test_the_stories_are_as_eventful_as_they_should_be() -> None:
    missing, rounds = {
        "Killed()", "its time is up", "StoreBusyError", "lost: batch", "control cancel", "control rest", "failed",
        "control withdraw", "unproven", "cancelled", "erased", "paused", "suppressed", "left", "Sending is paused",
        "not verified", "quota is used up", "claimed by another worker", "rejected", "no room", "cannot be read",
        "restored:", "dead:", "put back: dead letters", "moves:", "probe",
    }, set()  # fmt: skip
    for seed in range(300):
        world = story(seed)
        events = "\n".join(world.log)
        missing = {happened for happened in missing if happened not in events}
        rounds.add(world.sends.headers[SLUG].round)
        if not missing and len(rounds) > 1:
            return
    pytest.fail(f"no story tells of: {missing}; rounds: {rounds}")


@pytest.mark.parametrize("seed", [0, 2])
def test_a_first_wave_that_nobody_can_judge_leaves_one_message_for_each_batch(seed: int) -> None:
    world = World(seed, weather=replace(Weather.calm(), first_wave=1, event_lost=1, large=1))
    world.run()
    check(world)

    assert world.sends.headers[SLUG].judged_from is not None, "somebody had to judge"
    assert world.promises.most_copies <= 2


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
    check(world, somebody_died=True)

    closed_at = world.sends.headers[SLUG].closed_at
    assert closed_at is not None
    assert set(world.ses.accepted.values()) == {1}
    assert (closed_at - world.start).total_seconds() - world.ses.cut_at < WITHIN.total_seconds()


def test_a_story_collects_events_for_as_long_as_the_stream_of_the_template() -> None:
    stream = template()["Resources"]["EventStream"]["Properties"]["ExtendedS3DestinationConfiguration"]

    assert stream["BufferingHints"]["IntervalInSeconds"] == FILE
