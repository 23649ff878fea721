"""The calendar: the days to come with the issue expected on each, and what people decide about single days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from newsletter.calendar.domain.holidays import Holidays
from newsletter.calendar.jobs.change_calendar import LONGEST_REASON, Change, change_calendar
from newsletter.control.desk.files import address
from newsletter.control.desk.listed import ListedIssue, listed
from newsletter.control.desk.overview.calendar_give import free_days, to_be_given
from newsletter.control.desk.request import Answer, DeskRequest, Go, Route, Show
from newsletter.core.slot import FARTHEST, Rhythm
from newsletter.core.text import one_line
from newsletter.desk.domain.act import Act, may
from newsletter.desk.domain.member import Member
from newsletter.errors import InvalidDayError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.send_time import expected_hours, expected_slots

CALENDAR = "/desk/calendar/"

SLOTS = 26
"""A year of fortnights, to come and past."""

DID = {
    Change.SKIP: "skipped",
    Change.UNSKIP: "took back the skip of",
    Change.EXTRA: "added",
    Change.UNEXTRA: "took out",
}
"""As the log says it, before the day."""


@dataclass(frozen=True, slots=True)
class Day:
    """One line of the calendar."""

    day: date
    kind: str
    """`slot`, `extra`, `skipped`, or `hour` for an issue that goes out at its own."""
    issue: ListedIssue | None = None
    because: str = ""
    holiday: str = ""
    time: str = ""
    """Where it is not that of all slots."""


def show(request: DeskRequest) -> Answer:
    """Show the days to come; nothing is changed."""
    return _page(request)


def skip(request: DeskRequest) -> Answer:
    """Let nothing go out on a day of the rhythm."""
    return _change(request, Change.SKIP)


def unskip(request: DeskRequest) -> Answer:
    """Take a skip back."""
    return _change(request, Change.UNSKIP)


def add(request: DeskRequest) -> Answer:
    """Let an issue go out on a day beside the rhythm."""
    return _change(request, Change.EXTRA)


def take_out(request: DeskRequest) -> Answer:
    """Take an extra day back."""
    return _change(request, Change.UNEXTRA)


def coming_days(
    rhythm: Rhythm,
    listed_by_slot: dict[datetime, ListedIssue],
    hours: Sequence[tuple[datetime, ListedIssue]],
    holidays: Holidays,
    now: datetime,
) -> list[Day]:
    """Return the next days on which issues go out, those skipped among them, and the hours of single ones, in order."""
    slots = {rhythm.day_of(slot): slot for slot in rhythm.next_slots(SLOTS, now)}
    last, today, reasons = max(slots), rhythm.local_date(now), rhythm.calendar.reasons
    found = [
        Day(day, "extra" if day in rhythm.calendar.extra else "slot", listed_by_slot.get(slot))
        for day, slot in slots.items()
    ]
    found += [Day(day, "skipped") for day in rhythm.calendar.skipped if today <= day <= last and day not in slots]
    found += [Day(rhythm.local_date(at), "hour", each, time=f"{at:%H:%M}") for at, each in hours]
    return [
        replace(each, because=reasons.get(each.day, ""), holiday=holidays.on(each.day))
        for each in sorted(found, key=lambda each: (each.day, each.time))
    ]


def _change(request: DeskRequest, change: Change) -> Answer:
    app, because = request.app, one_line(request.fields.get("because", ""))
    try:
        day = date.fromisoformat(request.fields.get("day", ""))
    except ValueError:
        return _page(request, "Please choose a day.")
    try:
        change_calendar(
            change, day, because,
            calendar=app.calendar, slots=app.slots, rhythm=app.current_rhythm(), now=request.now,
        )  # fmt: skip
    except InvalidDayError as refused:
        return _page(request, f"{refused}.")
    request.note(DID[change], day.isoformat(), because[:LONGEST_REASON])
    return Go(f"{CALENDAR}?done={change}&day={day}")


def _page(request: DeskRequest, refusal: str = "") -> Answer:
    app, now, rhythm = request.app, request.now, request.app.current_rhythm()
    needs_approval = app.settings.needs_approval
    ready = app.issues.with_status(IssueStatus.READY)
    expected, hours = expected_slots(ready, rhythm, now=now), expected_hours(ready, rhythm)
    lines = {
        expected[record.slug]: listed(record, expected, rhythm, needs_approval=needs_approval)
        for record in ready
        if record.slug in expected
    }
    sent = app.issues.with_status(IssueStatus.SENT)[: -SLOTS - 1 : -1]
    at_hours = [
        (hours[record.slug], listed(record, hours, rhythm, needs_approval=needs_approval))
        for record in ready
        if record.slug in hours
    ]
    days = coming_days(rhythm, lines, at_hours, app.holidays, now)
    today, member = rhythm.local_date(now), request.visitor.member
    return Show(
        "calendar",
        {
            "months": _by_month(days),
            "choices": [each for each in days if each.kind == "slot"],
            "without_day": [
                listed(each, expected, rhythm, needs_approval=needs_approval)
                for each in ready
                if each.slug not in expected and each.slug not in hours
            ],
            "sent": [listed(each, expected, rhythm, needs_approval=needs_approval) for each in sent],
            "time": f"{rhythm.hour:02d}:{rhythm.minute:02d}",
            "zone": rhythm.time_zone.key,
            "holidays": app.holidays,
            "earliest": today,
            "latest": today + FARTHEST - timedelta(days=1),
            "longest": LONGEST_REASON,
            "feed_url": app.calendar_links.to_feed(member.member_id, since=feed_begins(member)),
            "done": request.query.get("done", ""),
            "day_done": _day(request.query.get("day", "")),
            "refusal": refusal,
            "issues": to_be_given(request) if may(request.visitor.member, Act.WRITE) else (),
            "days": free_days(request),
            "scripts": [address(Path(app.settings.templates_dir), "calendar.js")],
        },
        409 if refusal else 200,
    )


BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""In the address of a feed of whoever never ended all sessions: the same at every look."""


def feed_begins(member: Member) -> datetime:
    """Return the moment that addresses of the feed carry which are open to this member; older ones are ended."""
    return (member.sessions_from or BEGINNING).replace(microsecond=0)


def _by_month(days: list[Day]) -> list[tuple[str, list[Day]]]:
    months: dict[str, list[Day]] = {}
    for each in days:
        months.setdefault(f"{each.day:%B %Y}", []).append(each)
    return list(months.items())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


ROUTES = (
    Route("GET", CALENDAR, Act.LOOK, show),
    Route("POST", f"{CALENDAR}skip", Act.DECIDE, skip),
    Route("POST", f"{CALENDAR}unskip", Act.DECIDE, unskip),
    Route("POST", f"{CALENDAR}extra", Act.DECIDE, add),
    Route("POST", f"{CALENDAR}unextra", Act.DECIDE, take_out),
)
