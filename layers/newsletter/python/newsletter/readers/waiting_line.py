"""Emails that SES takes none of at the moment, in a line: the newest leave first when there is room again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from newsletter.readers.domain.limits import HOUR

if TYPE_CHECKING:
    from newsletter.core.ports import Counters

AGES = (HOUR, 6 * HOUR, 24 * HOUR)
"""Whoever asked within the last hour goes first, then who asked within six, and so on; within a group anybody."""

LOOK = timedelta(minutes=15)
"""Each email in the line looks as often, so that one that was here in this quarter of an hour or the last still is."""


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """Who waits, by age, as counters know it; nobody is named."""

    counters: Counters

    def note(self, asked_at: datetime, *, now: datetime) -> None:
        """Note that an email which was asked for at that moment waits.

        Raises:
            StoreBusyError: Nothing was noted; the message will be delivered again.
        """
        start = _start(now, LOOK)
        self.counters.bump(_group(_age(asked_at, now), start), expires_at=start + 3 * LOOK)

    def is_turn_of(self, asked_at: datetime, *, now: datetime) -> bool:
        """Return whether nothing newer waits.

        Raises:
            StoreBusyError: Nobody knows; the message will be delivered again.
        """
        start = _start(now, LOOK)
        return not any(
            self.counters.count(_group(age, quarter))
            for age in range(_age(asked_at, now))
            for quarter in (start, start - LOOK)
        )

    def close(self, *, now: datetime) -> None:
        """Note that SES takes nothing for more than a moment: the quota is used up, or the account is stopped.

        Raises:
            StoreBusyError: Nothing was noted; the message will be delivered again.
        """
        start = _start(now, HOUR)
        for hour in (start, start + HOUR):
            self.counters.bump(_closed(hour), expires_at=hour + HOUR)

    def is_closed(self, *, now: datetime) -> bool:
        """Return whether SES took nothing a while ago, so that an email asked for now may take a day.

        Raises:
            StoreBusyError: Nobody knows.
        """
        return self.counters.count(closed_counter(now)) > 0


def closed_counter(now: datetime) -> str:
    """Return the name of the counter that is above zero while SES takes nothing."""
    return _closed(_start(now, HOUR))


def _age(asked_at: datetime, now: datetime) -> int:
    return sum(now - asked_at >= age for age in AGES)


def _group(age: int, quarter: datetime) -> str:
    return f"waiting#{age}#{quarter:%Y-%m-%dT%H:%M}"


def _closed(hour: datetime) -> str:
    return f"nothing-taken#{hour:%Y-%m-%dT%H}"


def _start(moment: datetime, window: timedelta) -> datetime:
    seconds = int(window.total_seconds())
    return datetime.fromtimestamp(int(moment.timestamp()) // seconds * seconds, UTC)
