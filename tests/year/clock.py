"""The virtual clock: this process's own time, which moves only when the story says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import time_machine


class YearClock:
    """Tells the time that all of this process sees, libraries included."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller

    def now(self) -> datetime:
        """Return the present of the story, in UTC."""
        return datetime.now(UTC)

    def move_to(self, moment: datetime) -> None:
        """Let time pass until a moment; it never goes back."""
        if moment > self.now():
            self._traveller.move_to(moment)

    def sleep(self, seconds: float) -> None:
        """Let time pass. Units: seconds."""
        self.move_to(self.now() + timedelta(seconds=seconds))


@contextmanager
def time_from(start: datetime) -> Iterator[YearClock]:
    """Stop the time of this process at `start`, until the block ends."""
    with time_machine.travel(start, tick=False) as traveller:
        yield YearClock(traveller)
