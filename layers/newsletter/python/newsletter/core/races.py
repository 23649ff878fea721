"""Changing a record that others may change at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Final, Literal, TypeVar

from newsletter.errors import StoreBusyError

T = TypeVar("T")

TRIES = 10
"""Whoever loses this many races in a row meets a record that changes all the time; the caller's own retry is calmer."""


class Race(Enum):
    """What became of an attempt to write."""

    LOST = "lost"
    """Somebody else wrote between our reading and our writing."""


LOST: Final = Race.LOST


def win(attempt: Callable[[], T | Literal[Race.LOST]], *, busy: str, tries: int = TRIES) -> T:
    """Read, decide and write until nobody else wrote in between; return what the attempt returned.

    Args:
        attempt: Reads the record afresh, decides, and writes on condition that it still stands as it was read. Returns
            `LOST` where that condition failed, and anything else where there is nothing more to do.
        busy: What is being changed, and that it can be tried again; the message of the error.
        tries: Most attempts.

    Raises:
        StoreBusyError: Every attempt lost its race.
    """
    for _ in range(tries):
        result = attempt()
        if result is not LOST:
            return result
    raise StoreBusyError(busy)
