"""Giving an issue a day of the calendar: what it means is said first, and a button does it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from newsletter.control.desk.request import Answer, DeskRequest, Go, Route, Show
from newsletter.core.slot import in_words
from newsletter.desk.domain.act import Act
from newsletter.desk.drafts.give_day import BEFORE_IT_GOES, DayPlan, give_day, plan_day
from newsletter.errors import InvalidDayError, InvalidRequestError
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.issues.domain.send_time import expected_slots

CALENDAR = "/desk/calendar/"
SLOTS = 26
"""A year of fortnights."""


def show(request: DeskRequest) -> Answer:
    """Show what it would mean to give this issue this day, or ask which; nothing is changed."""
    slug, typed = request.query.get("slug", ""), request.query.get("day", "")
    if not (slug and typed):
        return _ask(request, slug, typed)
    try:
        plan = _plan(request, slug, typed)
    except (InvalidDayError, InvalidRequestError) as refusal:
        return _ask(request, slug, typed, str(refusal))
    zone, now = request.app.rhythm.time_zone, plan.goes_now
    return Show(
        "calendar_give",
        {
            "plan": plan,
            "goes_now": in_words(now.astimezone(zone)) if now else "",
            "others": [(title, in_words(slot.astimezone(zone))) for title, slot in plan.others],
            "needs_approval": request.app.settings.needs_approval,
        },
    )


def give(request: DeskRequest) -> Answer:
    """Give it, if the issue is still the one that was looked at."""
    fields, member = request.fields, request.visitor.member
    slug, typed = fields.get("slug", ""), fields.get("day", "")
    try:
        plan = _plan(request, slug, typed)
        if fields.get("version", "") != plan.version:
            raise InvalidRequestError("somebody uploaded this issue since you looked at it; look again, then decide")
        give_day(plan, uploaded_by=member.email, saved_by=member.label, ports=request.app.write_ports)
    except (InvalidDayError, InvalidRequestError) as refusal:
        return _ask(request, slug, typed, str(refusal))
    request.note("gave a day to", slug, typed)
    return Go(f"{CALENDAR}?done=given&day={plan.day}")


def to_be_given(request: DeskRequest) -> list[tuple[str, str]]:
    """Return the issues that can be given a day, each with its title: those that wait, and drafts."""
    app = request.app
    records = [each for status in BEFORE_IT_GOES for each in app.issues.with_status(status)]
    known = {each.slug for status in IssueStatus for each in app.issues.with_status(status)}
    waiting = [(each.slug, each.title) for each in records if each.send is not SendPolicy.NEVER]
    return [*waiting, *((slug, slug) for slug in app.drafts.slugs() if slug not in known)]


def free_days(request: DeskRequest) -> Sequence[tuple[str, str]]:
    """Return the days to come on which no issue is expected, each with its words."""
    app, rhythm = request.app, request.app.current_rhythm()
    taken = set(expected_slots(app.issues.with_status(IssueStatus.READY), rhythm, now=request.now).values())
    slots = [slot for slot in rhythm.next_slots(SLOTS, request.now) if slot not in taken]
    return [(rhythm.day_of(slot).isoformat(), in_words(slot.astimezone(rhythm.time_zone))) for slot in slots]


def _plan(request: DeskRequest, slug: str, typed: str) -> DayPlan:
    try:
        day = date.fromisoformat(typed)
    except ValueError as exc:
        raise InvalidDayError("please choose a day") from exc
    app = request.app
    return plan_day(
        slug,
        day,
        holder=app.slots.holder(day),
        ports=app.write_ports,
        rhythm=app.current_rhythm(),
        now=request.now,
    )


def _ask(request: DeskRequest, slug: str, typed: str, refusal: str = "") -> Show:
    shown = {
        "issues": to_be_given(request), "days": free_days(request), "slug": slug, "day": typed, "refusal": refusal,
    }  # fmt: skip
    return Show("calendar_ask", shown, 409 if refusal else 200)


ROUTES = (
    Route("GET", f"{CALENDAR}give/", Act.WRITE, show),
    Route("POST", f"{CALENDAR}give", Act.WRITE, give),
)
