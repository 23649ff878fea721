"""The ports of this wing in memory: for the tests of jobs, and held to the same contracts as the real adapters."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from newsletter.core.slot import Calendar


@dataclass
class MemoryCalendar:
    """What people decided about single days, and what the editors were told."""

    calendar: Calendar = field(default_factory=Calendar)
    heard: dict[date, set[str]] = field(default_factory=lambda: defaultdict(set))
    since: datetime | None = None

    def get(self) -> Calendar:
        return self.calendar

    def set_skipped(self, day: date, *, skipped: bool) -> None:
        days = self.calendar.skipped
        self.calendar = replace(self.calendar, skipped=days | {day} if skipped else days - {day})

    def set_extra(self, day: date, *, extra: bool) -> None:
        days = self.calendar.extra
        self.calendar = replace(self.calendar, extra=days | {day} if extra else days - {day})

    def told(self, slot: date) -> frozenset[str]:
        return frozenset(self.heard[slot])

    def tell(self, slot: date, what: str) -> None:
        self.heard[slot].add(what)

    def watched_since(self, now: datetime) -> datetime:
        self.since = self.since or now
        return self.since
