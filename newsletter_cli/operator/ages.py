"""How long ago something was, in words."""

from __future__ import annotations

from datetime import timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def age(passed: timedelta) -> str:
    """Return the time that passed, in the largest unit that says enough."""
    for unit, word in ((DAY, "day"), (HOUR, "hour"), (timedelta(minutes=1), "minute")):
        if passed >= unit:
            number = passed // unit
            return f"{number} {word}{'' if number == 1 else 's'}"
    return "under a minute"
