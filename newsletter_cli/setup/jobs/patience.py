"""Waiting for the world: looking again and again, saying what changed, and giving up in time."""

from __future__ import annotations

from collections.abc import Callable

from newsletter_cli.setup.ports import SetupPorts
from newsletter_cli.setup.stopped import StoppedError

SHORTEST, LONGEST = 1.0, 15.0
"""Seconds between two looks: what takes seconds is seen at once, and an hour is not filled with questions."""


def wait_until(look: Callable[[], str], ports: SetupPorts, *, stopped: str) -> None:
    """Look until nothing is missing.

    Args:
        look: Returns what is missing, as a sentence; empty once all is there.
        ports: Clock, patience, and the person who hears each new sentence once.
        stopped: What to say when the patience is over, after the last sentence.

    Raises:
        StoppedError: The patience is over.
    """
    until, before, pause = ports.clock.now().timestamp() + ports.patience, "", SHORTEST
    while missing := look():
        if missing != before:
            ports.person.say(missing)
            before = missing
        if ports.clock.now().timestamp() >= until:
            raise StoppedError(f"{missing}\n{stopped} Then run the same command again; it goes on from here.")
        ports.clock.sleep(pause)
        pause = min(2 * pause, LONGEST)
