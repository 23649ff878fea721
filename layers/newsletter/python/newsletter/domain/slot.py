"""The fortnight: which weeks are slots.

Weeks are counted from an anchor date in local time. Never ISO week parity (years with 53 weeks put two issues in
neighbouring weeks), never a fixed number of hours (drifts when the clocks change).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often issues go out, and when."""

    anchor: date
    """Any date on which an issue goes out."""
    time_zone: ZoneInfo
    period_weeks: int = 2
    hour: int = 9
    minute: int = 0

    def local_date(self, moment: datetime) -> date:
        """Return the date on the editors' calendar at this moment."""
        return moment.astimezone(self.time_zone).date()

    def is_slot(self, day: date) -> bool:
        """Return whether an issue goes out on this day."""
        return (day - self.anchor).days % (7 * self.period_weeks) == 0

    def next_slot(self, now: datetime) -> datetime:
        """Return the first slot after `now`, in the newsletter's time zone."""
        period = 7 * self.period_weeks
        today = self.local_date(now)
        day = today + timedelta(days=-(today - self.anchor).days % period)
        slot = self._at(day)
        return slot if slot > now else self._at(day + timedelta(days=period))

    def next_slot_on_or_after(self, day: date, *, now: datetime) -> datetime:
        """Return the first slot that is both on or after `day` and still to come."""
        eve = datetime(day.year, day.month, day.day, tzinfo=self.time_zone) - timedelta(seconds=1)
        return self.next_slot(max(now, eve))

    def _at(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, self.hour, self.minute, tzinfo=self.time_zone)
