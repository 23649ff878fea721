"""The fortnight: on which days issues go out, and at which moment of such a day.

Weeks are counted from an anchor date in local time. Never ISO week parity (years with 53 weeks put two issues in
neighbouring weeks), never a fixed number of hours (drifts when the clocks change).

A slot is a local date, and its moment is the first at which that day's wall clock shows the hour of the send or a later
one. So a time that the clocks jump over becomes the first moment behind the gap, and of a time that comes twice the
first counts.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from newsletter.core.time_zones import WallTime

ONE_DAY = timedelta(days=1)

FARTHEST = timedelta(days=2 * 366)
"""Plans reach to the end of next year; a day beyond is a slip of the keyboard."""


def in_words(slot: datetime) -> str:
    """Return the local time of a slot as people say it."""
    return f"{slot:%A} {slot.day} {slot:%B %Y at %H:%M}"


@dataclass(frozen=True, slots=True)
class Calendar:
    """What people decided about single days."""

    skipped: frozenset[date] = frozenset()
    """Days of the rhythm on which nothing goes out."""
    extra: frozenset[date] = frozenset()
    """Days beside the rhythm on which an issue goes out; any day of the week."""
    reasons: Mapping[date, str] = field(default_factory=dict, hash=False)
    """Why, for the days of which somebody said so."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often issues go out, and when."""

    anchor: date
    """Any date on which an issue goes out. The rhythm runs from it in both directions."""
    time_zone: ZoneInfo
    period_weeks: int = 2
    hour: int = 9
    minute: int = 0
    calendar: Calendar = field(default_factory=Calendar)
    late_after: timedelta = timedelta(hours=6)
    """How long after its moment an issue may still go out; by then readers expect it no more."""

    def local_date(self, moment: datetime) -> date:
        """Return the date on the editors' calendar at this moment."""
        return moment.astimezone(self.time_zone).date()

    def in_rhythm(self, day: date) -> bool:
        """Return whether this day is whole periods away from the anchor, whatever people decided about it."""
        return (day - self.anchor).days % (7 * self.period_weeks) == 0

    def is_slot(self, day: date) -> bool:
        """Return whether an issue goes out on this day."""
        return day in self.calendar.extra or (self.in_rhythm(day) and day not in self.calendar.skipped)

    def moment(self, day: date) -> datetime:
        """Return when the issue of this day goes out, in the newsletter's time zone."""
        return WallTime(day, self.hour, self.minute).moment(self.time_zone)

    def day_of(self, moment: datetime) -> date:
        """Return the day to which this moment belongs: its local date.

        The exception is a slot at the very end of a day whose last hour the clocks jump over (Saturdays before spring
        in Greenland). Its moment is the midnight behind, and it still belongs to its own day.
        """
        day = self.local_date(moment)
        eve = day - ONE_DAY
        return eve if self._in_utc(eve) == moment.astimezone(UTC) else day

    def days_from(self, earliest: date) -> Iterator[date]:
        """Yield the days of slots, from `earliest` on, in order and without end."""
        period = 7 * self.period_weeks
        start = earliest + timedelta(days=-(earliest - self.anchor).days % period)
        regular = (start + timedelta(days=period * number) for number in itertools.count())
        extra = sorted(day for day in self.calendar.extra if day >= earliest)
        previous = None
        for day in heapq.merge(extra, regular):
            if day != previous and self.is_slot(day):
                yield day
            previous = day

    def slots_after(self, moment: datetime) -> Iterator[datetime]:
        """Yield the slots after this moment, in order and without end, in the newsletter's time zone."""
        # The slot of yesterday can be today's first moment, see `day_of`.
        return self._moments(self.local_date(moment) - ONE_DAY, after=moment)

    def next_slots(self, number: int, now: datetime) -> list[datetime]:
        """Return the next so many slots after `now`, in the newsletter's time zone."""
        return list(itertools.islice(self.slots_after(now), number))

    def next_slot_on_or_after(self, day: date, *, now: datetime) -> datetime:
        """Return the first slot that is both on or after `day` and still to come."""
        return next(self._moments(max(day, self.local_date(now) - ONE_DAY), after=now))

    def _moments(self, first: date, *, after: datetime) -> Iterator[datetime]:
        border = after.astimezone(UTC)
        return (self.moment(day) for day in self.days_from(first) if self._in_utc(day) > border)

    def _in_utc(self, day: date) -> datetime:
        # Python compares two times of one zone by the wall clock, and what comes twice equals nothing in UTC (PEP 495).
        return self.moment(day).astimezone(UTC)
