"""Durations and sums of money, in words for people."""

from __future__ import annotations

from datetime import timedelta

CENT = 0.01
"""Of a dollar."""


def spelled(duration: timedelta) -> str:
    """Return about how long something takes, as people say it."""
    minutes = round(duration.total_seconds() / 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 90:
        return _some(minutes, "minute")
    hours = round(minutes / 60)
    return _some(hours, "hour") if hours < 36 else _some(round(hours / 24), "day")


def in_dollars(amount: float) -> str:
    """Return a sum as people say it; what is less than a cent is not called nothing."""
    return f"{amount:,.2f} USD" if amount >= CENT else "less than a cent"


def _some(number: int, unit: str) -> str:
    return f"about {number} {unit}{'' if number == 1 else 's'}"
