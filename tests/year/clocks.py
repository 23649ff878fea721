"""What EventBridge Scheduler does by template.yaml: which clock there is, when it ticks, and what it says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from newsletter.core.slot import Rhythm

UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
DAILY = re.compile(r"cron\((\d+) (\d+) \* \* \? \*\)")
RATE = re.compile(r"rate\((\d+) (minute|hour)s?\)")
SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"


@dataclass(frozen=True)
class Clock:
    """One schedule of the template."""

    name: str
    queue: str
    """The queue it writes to, by the name of its resource; empty: it invokes the function `schedule`."""
    says: str
    """JSON; the moment it was due stands where the template asks for it."""
    daily: tuple[int, int] | None
    """Hour and minute of each day."""
    every: timedelta = timedelta(0)
    """The time between two ticks, of a clock that does not go by the day."""

    def next_after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """Return its next tick, in UTC."""
        if self.daily is None:
            return moment + self.every
        day = moment.astimezone(zone).date()
        hour, minute = self.daily
        while True:
            # How a slot meets a day on which the clocks change is how Scheduler does; our times are never in a gap.
            tick = Rhythm(day, zone, hour=hour, minute=minute).moment(day).astimezone(UTC)
            if tick > moment:
                return tick
            day += timedelta(days=1)

    def message(self, due: datetime) -> dict[str, Any]:
        """Return what it says when it ticks."""
        said: dict[str, Any] = json.loads(
            self.says.replace(SCHEDULED_TIME, f"{due.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
        )
        return said


def clocks(resources: Mapping[str, Any], parameters: Mapping[str, str]) -> Iterator[Clock]:
    """Yield every clock of a template.

    Args:
        resources: Those of the template.
        parameters: What stands for `${Name}` in an expression.

    Raises:
        ValueError: It ticks in a way that nobody reads here; better than a clock that stands still.
    """
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Scheduler::Schedule":
            target = properties["Target"]
            queue = target["Arn"]["Fn::GetAtt"].removesuffix(".Arn")
            yield _clock(name, queue, target["Input"], properties["ScheduleExpression"], parameters)
        for event_name, event in properties.get("Events", {}).items():
            if event["Type"] == "ScheduleV2":
                given = event["Properties"]
                yield _clock(event_name, "", given["Input"], given["ScheduleExpression"], parameters)


def _clock(name: str, queue: str, says: str, expression: Any, parameters: Mapping[str, str]) -> Clock:
    if isinstance(expression, dict):  # of a small stack, or with parameters in it
        expression = expression["Fn::If"][2] if "Fn::If" in expression else expression["Fn::Sub"]
    for parameter, value in parameters.items():
        expression = expression.replace(f"${{{parameter}}}", value)
    if found := DAILY.fullmatch(expression):
        return Clock(name, queue, says, (int(found[2]), int(found[1])))
    if found := RATE.fullmatch(expression):
        return Clock(name, queue, says, None, int(found[1]) * UNITS[found[2]])
    raise ValueError(f"nobody knows when {name} ticks: {expression}")
