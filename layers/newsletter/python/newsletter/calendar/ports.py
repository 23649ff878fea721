"""What the jobs of this wing need from the outside world, in the jobs' own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from newsletter.core.editors import Editors
from newsletter.issues.ports import IssueStore
from newsletter.sending.ports import SendStore

if TYPE_CHECKING:
    from datetime import date, datetime

    from newsletter.core.slot import Calendar


class SlotCalendar(Protocol):
    """What people decided about single days, and what the editors were told about each slot. Days are local dates."""

    def get(self) -> Calendar: ...
    def set_skipped(self, day: date, *, skipped: bool) -> None: ...
    def set_extra(self, day: date, *, extra: bool) -> None: ...
    def told(self, slot: date) -> frozenset[str]: ...
    def tell(self, slot: date, what: str) -> None:
        """Remember that the editors were told; telling twice tells once."""
        ...

    def watched_since(self, now: datetime) -> datetime:
        """Return since when slots are looked after: `now` if this is the first look."""
        ...


@dataclass(frozen=True, slots=True)
class SlotPorts:
    """What looking after slots touches."""

    issues: IssueStore
    sends: SendStore
    calendar: SlotCalendar
    editors: Editors
    needs_approval: bool
    """Whether only approved content is sent."""
