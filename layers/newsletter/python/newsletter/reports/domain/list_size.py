"""The size of the list over the last weeks, as a line: made of the figures that are counted each night."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

SHOWN = 91
"""Days: a quarter of a year."""

COMPARED = timedelta(days=28)
"""Two fortnights."""


@dataclass(frozen=True, slots=True)
class ListSize:
    """How many are on the list, and how that came about."""

    now: int
    sentence: str
    points: tuple[tuple[int, int], ...] = ()
    """Days since the first one shown, and readers on that day; a night that was missed has none."""


def list_size(growth: Mapping[str, Any]) -> ListSize:
    """Return the line that the report on growth makes."""
    now, days = int(growth["now"]["on_list"]), growth.get("days", [])[-SHOWN:]
    known = [(date.fromisoformat(each["day"]), int(each["on_list"])) for each in days if each["on_list"] is not None]
    if not known:
        return ListSize(now, f"{_readers(now)} on the list.")
    first, last = known[0][0], known[-1][0]
    then = next((number for day, number in known if day >= last - COMPARED), known[0][1])
    weeks = min(COMPARED, last - first).days // 7
    points = tuple(((day - first).days, number) for day, number in known)
    return ListSize(now, f"{_readers(now)} on the list{_since(now - then, weeks)}.", points if len(points) > 1 else ())


def _readers(number: int) -> str:
    return "One reader is" if number == 1 else f"{number:,} readers are"


def _since(difference: int, weeks: int) -> str:
    if not weeks:
        return ""
    ago = "a week ago" if weeks == 1 else f"{('two', 'three', 'four')[weeks - 2]} weeks ago"
    if not difference:
        return f", as many as {ago}"
    return f", {abs(difference):,} {'more' if difference > 0 else 'fewer'} than {ago}"
