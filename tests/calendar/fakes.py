"""The ports of this wing in memory: for the tests of jobs, and held to the same contracts as the real adapters."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from newsletter.calendar.domain.notice import Notice
from newsletter.core.slot import Calendar
from newsletter.core.time_zones import WallTime


@dataclass
class MemoryCalendar:
    """What people decided about single days, and the notices mailed about slots."""

    calendar: Calendar = field(default_factory=Calendar)
    noted: dict[date, set[Notice]] = field(default_factory=lambda: defaultdict(set))
    noted_of_hours: dict[tuple[str, WallTime], set[Notice]] = field(default_factory=lambda: defaultdict(set))
    since: datetime | None = None

    def get(self) -> Calendar:
        return self.calendar

    def set_skipped(self, day: date, *, skipped: bool) -> None:
        days = self.calendar.skipped
        self.calendar = replace(self.calendar, skipped=days | {day} if skipped else days - {day})

    def set_extra(self, day: date, *, extra: bool) -> None:
        days = self.calendar.extra
        self.calendar = replace(self.calendar, extra=days | {day} if extra else days - {day})

    def set_reason(self, day: date, because: str) -> None:
        others = {each: why for each, why in self.calendar.reasons.items() if each != day}
        self.calendar = replace(self.calendar, reasons=others | ({day: because} if because else {}))

    def notices(self, day: date) -> frozenset[Notice]:
        return frozenset(self.noted[day])

    def note_notice(self, day: date, notice: Notice) -> None:
        self.noted[day].add(notice)

    def hour_notices(self, slug: str, hour: WallTime) -> frozenset[Notice]:
        return frozenset(self.noted_of_hours[slug, hour])

    def note_hour_notice(self, slug: str, hour: WallTime, notice: Notice) -> None:
        self.noted_of_hours[slug, hour].add(notice)

    def watched_since(self, now: datetime) -> datetime:
        self.since = self.since or now
        return self.since


class MemorySlots:
    """Which issue has which slot."""

    def __init__(self) -> None:
        self.slots: dict[date, str] = {}

    def take(self, day: date, slug: str) -> str:
        return self.slots.setdefault(day, slug)

    def holder(self, day: date) -> str | None:
        return self.slots.get(day)
