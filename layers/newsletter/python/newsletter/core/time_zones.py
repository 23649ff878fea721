"""Time zones, from the IANA database that is locked among our dependencies, and what their clocks show.

Python would rather read the machine's own (https://docs.python.org/3/library/zoneinfo.html#data-sources). Governments
change their clocks at short notice, and then Lambda's image, the laptop and a test would disagree about a slot.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


def time_zone(name: str) -> ZoneInfo:
    """Return the zone of this name.

    Raises:
        ValueError: There is none.
    """
    if name not in names():
        raise ValueError(f"there is no time zone {name!r}; TimeZone takes a name such as Europe/London")
    with _tzdata().joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def names() -> frozenset[str]:
    """Return the names of all zones."""
    return frozenset(_tzdata().joinpath("zones").read_text(encoding="utf-8").split())


def _tzdata() -> Traversable:
    from importlib import resources  # not above: most that deal with days need no zone but the one they are given

    return resources.files("tzdata")


@dataclass(frozen=True, slots=True, order=True)
class WallTime:
    """What a clock on the wall shows."""

    day: date
    hour: int
    minute: int

    def __str__(self) -> str:
        """Return it as editors write it, and as it is stored: 2026-12-03 14:30."""
        return f"{self.day.isoformat()} {self.hour:02d}:{self.minute:02d}"

    @classmethod
    def parse(cls, text: str) -> WallTime:
        """Return what `str` made.

        Raises:
            ValueError: The text is no such time.
        """
        moment = datetime.strptime(text, "%Y-%m-%d %H:%M")  # noqa: DTZ007 - a wall clock has no zone
        return cls(moment.date(), moment.hour, moment.minute)

    @classmethod
    def at(cls, moment: datetime, zone: ZoneInfo) -> WallTime:
        """Return what the clocks of this zone show at this moment."""
        local = moment.astimezone(zone)
        return cls(local.date(), local.hour, local.minute)

    def moment(self, zone: ZoneInfo) -> datetime:
        """Return the first moment at which the clocks of this zone show this time or a later one, in that zone.

        A time that the clocks jump over becomes the first moment behind the gap; of a time that comes twice the first
        counts.
        """
        wanted = datetime(self.day.year, self.day.month, self.day.day, self.hour, self.minute, tzinfo=zone)
        # fold=0 is the first of two equal times, and in a gap the offset from before it: a moment behind the gap.
        behind = wanted.astimezone(UTC)
        if behind.astimezone(zone).replace(tzinfo=None) == wanted.replace(tzinfo=None):
            return wanted
        before = wanted.replace(fold=1).astimezone(UTC)  # the offset from behind the gap: a moment before it
        while behind - before > timedelta(seconds=1):
            middle = before + (behind - before) // 2
            if middle.astimezone(zone).replace(tzinfo=None) < wanted.replace(tzinfo=None):
                before = middle
            else:
                behind = middle
        # Clocks change on whole seconds; the halves above need not.
        return behind.replace(microsecond=0).astimezone(zone)
