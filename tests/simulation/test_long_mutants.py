"""Bugs that show only when something is wrong for hours: each must be caught in the weather that it is for."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from newsletter.sending import probe_ses, read_evidence
from newsletter.sending.jobs import settle
from tests.simulation.promises import check
from tests.simulation.test_mutants import mutant
from tests.simulation.weather import Weather
from tests.simulation.world import World

KILLS = replace(Weather(), kill=0.03, lose_answer=0.2)
LATE = replace(KILLS, late=1)
OUTAGE = replace(Weather.calm(), outage=1, kill=0.02, lose_answer=0.2, straggle=4, interrupt=0.05, event_lost=0.2)

BUGS: dict[str, tuple[ModuleType, str, str, Weather]] = {
    "takes silence for proof although no report comes back": (
        read_evidence,
        "    if back is None or back.messages < probe.size:\n        return NOT_BACK\n",
        "    if back is None:\n        return EvidenceRead(until=now)\n",
        LATE,
    ),
    "takes silence for proof although reports wait to be read": (
        read_evidence,
        "    if waiting or given_up:\n",
        "    if False:\n",
        replace(Weather.calm(), kill=0.02, busy=0.1, lose_answer=0.35, straggle=4),
    ),
    "takes silence for proof although reports about others are missing": (
        read_evidence,
        "        missing += len(set(sent) - ports.evidence.accepted(send.slug, batch.after))\n",
        "",
        replace(KILLS, dark=1, lose_answer=0.35),
    ),
    "takes one report for a sample": (
        read_evidence,
        "    if reported + probe.returned + probe.size < SAMPLE:\n",
        "    if False:\n",
        replace(KILLS, event_lost=0.1, lose_answer=0.35),
    ),
    "lets the policy decide after the grace period": (
        probe_ses,
        "GRACES = 24\n",
        "GRACES = 1\n",
        LATE,
    ),
    "lets the policy decide in an outage of SES": (
        probe_ses,
        "    if send.state is SendState.PAUSED and send.paused_by is PausedBy.OUTAGE:\n",
        "    if False:\n",
        OUTAGE,
    ),
    "forgets that reports of a call may come after those of a later one": (
        settle,
        "apart=clocks_apart(self.grace)",
        "apart=timedelta(minutes=-60)",
        replace(KILLS, skew=6, lose_answer=0.35),
    ),
}
ENOUGH = 150


def settle_with(module: ModuleType, wrong: ModuleType) -> Any:
    """Return the job that settles, with the wrong functions in place of those of this module."""
    if module is settle:
        return wrong.settle
    copy = mutant(settle, "STUCK_AFTER = ", "STUCK_AFTER = ")
    for name in ("decides_after", "look_after_doubts", "outage_is_over", "read_evidence"):
        if hasattr(wrong, name):
            setattr(copy, name, getattr(wrong, name))
    return copy.settle


@pytest.mark.parametrize("bug", BUGS)
def test_the_simulation_catches_a_settle_that(bug: str) -> None:
    module, right, planted, weather = BUGS[bug]
    job = settle_with(module, mutant(module, right, planted))

    for seed in range(ENOUGH):
        world = World(seed, weather=weather, hold=seed % 2 == 1)
        world.settle = job
        try:
            world.run()
            check(world)
        except AssertionError:
            return
    pytest.fail(f"{ENOUGH} stories did not notice a settle that {bug}")
