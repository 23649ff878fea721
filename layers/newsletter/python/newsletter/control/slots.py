"""Actions about the fortnight: the coming slots, what is expected in each, and days that people decide about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from newsletter.calendar.jobs.change_calendar import Change, change_calendar
from newsletter.control.requests import required_day, whole_number
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.send_time import expected_hours, expected_slots
from newsletter.wiring import App

SLOTS = 26
"""A year of fortnights."""


def slots(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Return the next slots, the issue expected in each, the issues with hours of their own, and decided days.

    Shape: {"next": ["2026-12-01T09:00:00+00:00"], "issues": {"2026-12-01T09:00:00+00:00": "2026-12-01-more"},
    "hours": {"2026-12-03-late": "2026-12-03T14:30:00+00:00"}, "skipped": ["2026-12-15"], "extra": [],
    "reasons": {"2026-12-15": "Christmas break"}}.
    """
    rhythm = app.current_rhythm()
    next_slots = rhythm.next_slots(whole_number(request, "number", default=SLOTS, at_most=10 * SLOTS), now)
    ready = app.issues.with_status(IssueStatus.READY)
    expected, hours = expected_slots(ready, rhythm, now=now), expected_hours(ready, rhythm)
    calendar, today = rhythm.calendar, rhythm.local_date(now)
    skipped, extra = _days_to_come(calendar.skipped, today), _days_to_come(calendar.extra, today)
    return {
        "next": [slot.isoformat() for slot in next_slots],
        "issues": {slot.isoformat(): slug for slug, slot in expected.items() if slot in next_slots},
        "hours": {slug: moment.isoformat() for slug, moment in hours.items()},
        "skipped": skipped,
        "extra": extra,
        "reasons": {
            day.isoformat(): because
            for day, because in sorted(calendar.reasons.items())
            if day.isoformat() in (*skipped, *extra)
        },
    }


def change_day(request: Mapping[str, Any], app: App, now: datetime) -> dict[str, Any]:
    """Skip a day, add one, or take that back; return the slots as they are then."""
    change_calendar(
        Change(request["action"]), required_day(request, "day"), str(request.get("because", "")),
        calendar=app.calendar, slots=app.slots, rhythm=app.current_rhythm(), now=now,
    )  # fmt: skip
    return slots(request, app, now)


def _days_to_come(days: frozenset[date], today: date) -> list[str]:
    return sorted(day.isoformat() for day in days if day >= today)
