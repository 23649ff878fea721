"""The calendar: the coming slots, and days that people decide about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from newsletter.calendar.jobs.change_calendar import LONGEST_REASON, Change, change_calendar
from newsletter.control.api.fields import page_size, up_to
from newsletter.control.api.request import ApiRequest, ApiRoute, Nothing
from newsletter.control.desk.overview.calendar import DID
from newsletter.control.slots import slots
from newsletter.core.text import one_line
from newsletter.desk.domain.act import Act


@dataclass(frozen=True, slots=True)
class SlotQuery:
    """How many slots."""

    limit: int = page_size()


@dataclass(frozen=True, slots=True)
class SlotLine:
    """A day and hour on which an issue goes out."""

    at: datetime
    issue: str | None
    """The slug of the issue that goes out then when nothing changes."""


@dataclass(frozen=True, slots=True)
class DayLine:
    """A day that somebody decided about."""

    day: date
    because: str
    """May be empty."""


@dataclass(frozen=True, slots=True)
class HourLine:
    """An issue with an hour of its own, and that hour."""

    at: datetime
    issue: str


@dataclass(frozen=True, slots=True)
class CalendarShown:
    """The calendar from now on."""

    slots: tuple[SlotLine, ...]
    skipped: tuple[DayLine, ...]
    """Slots that are left out."""
    extra: tuple[DayLine, ...]
    """Slots outside the rhythm."""
    hours: tuple[HourLine, ...]
    """Issues that go out at an hour of their own."""


@dataclass(frozen=True, slots=True)
class DayChange:
    """What is decided about a day."""

    day: date
    change: Change
    """`skip` leaves a slot out, `extra` adds one; `unskip` and `unextra` take that back."""
    because: str = up_to(LONGEST_REASON, default="")
    """Why; colleagues read it."""


def get_calendar(request: ApiRequest[SlotQuery, Nothing]) -> CalendarShown:
    """Show the coming slots, with the issue expected in each."""
    return _shown(request.query.limit, request)


def change_day(request: ApiRequest[Nothing, DayChange]) -> CalendarShown:
    """Skip a day, add one, or take that back. The same again changes nothing."""
    app, body, because = request.app, request.body, one_line(request.body.because)
    change_calendar(
        body.change, body.day, because,
        calendar=app.calendar, slots=app.slots, rhythm=app.current_rhythm(), now=request.now,
    )  # fmt: skip
    request.note(DID[body.change], body.day.isoformat(), because)
    return _shown(SlotQuery().limit, request)


def _shown(limit: int, request: ApiRequest[SlotQuery, Nothing] | ApiRequest[Nothing, DayChange]) -> CalendarShown:
    plain = slots({"number": limit}, request.app, request.now)
    reasons = plain["reasons"]
    skipped, extra = (
        tuple(DayLine(date.fromisoformat(day), reasons.get(day, "")) for day in plain[kind])
        for kind in ("skipped", "extra")
    )
    return CalendarShown(
        tuple(SlotLine(datetime.fromisoformat(each), plain["issues"].get(each)) for each in plain["next"]),
        skipped,
        extra,
        tuple(HourLine(datetime.fromisoformat(moment), slug) for slug, moment in plain["hours"].items()),
    )


ROUTES = (
    ApiRoute("GET", "/calendar", Act.LOOK, get_calendar, query=SlotQuery),
    ApiRoute("POST", "/calendar/days", Act.DECIDE, change_day, body=DayChange, changes=True),
)
