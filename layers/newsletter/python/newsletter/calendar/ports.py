"""What the jobs of this wing need from the outside world, in the jobs' own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from newsletter.core.editors import Editors
from newsletter.issues.ports import IssueStore

if TYPE_CHECKING:
    from datetime import date, datetime

    from newsletter.calendar.domain.notice import Notice
    from newsletter.core.slot import Calendar
    from newsletter.core.time_zones import WallTime


class SlotCalendar(Protocol):
    """What people decided about single days, and the notices mailed about each slot. Days are local dates."""

    def get(self) -> Calendar: ...
    def set_skipped(self, day: date, *, skipped: bool) -> None: ...
    def set_extra(self, day: date, *, extra: bool) -> None: ...
    def set_reason(self, day: date, because: str) -> None:
        """Remember why this day is skipped or added; an empty text forgets it."""
        ...

    def notices(self, day: date) -> frozenset[Notice]:
        """Return what was noted about the slot of this day."""
        ...

    def note_notice(self, day: date, notice: Notice) -> None:
        """Remember that the editors got this mail; noting twice notes once."""
        ...

    def hour_notices(self, slug: str, hour: WallTime) -> frozenset[Notice]:
        """Return what was noted about the own hour of this issue; about another hour of it, something else is."""
        ...

    def note_hour_notice(self, slug: str, hour: WallTime, notice: Notice) -> None:
        """Remember that the editors got this mail; noting twice notes once."""
        ...

    def watched_since(self, now: datetime) -> datetime:
        """Return since when slots are looked after: `now` if this is the first look."""
        ...


class SlotStore(Protocol):
    """Which issue has which slot. Days are local dates."""

    def take(self, day: date, slug: str) -> str:
        """Give the slot of this day to this issue unless it was given away before; return the slug that has it."""
        ...

    def holder(self, day: date) -> str | None: ...


@dataclass(frozen=True, slots=True)
class SlotPorts:
    """What looking after slots touches."""

    issues: IssueStore
    slots: SlotStore
    calendar: SlotCalendar
    editors: Editors
    needs_approval: bool
    """Whether only approved content is sent."""
