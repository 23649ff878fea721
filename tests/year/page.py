"""The year as a calendar for a terminal of 80 columns."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from tests.year.cast import Habit
from tests.year.editors import Plan, Slot
from tests.year.story import Story

SIDE_BY_SIDE = 3
MARKS = {Plan.NONE: "!", Plan.SKIPPED: "-"}
LEGEND = "  * an issue went out   ! nothing was ready   - skipped   ~ the clocks changed"


def lines(story: Story) -> Iterator[str]:
    """Yield the calendar, then the slots one by one, then what became of the readers."""
    marks = {slot.moment.date(): MARKS.get(slot.plan, "*") for slot in story.past_slots}
    marks |= {day: "~" for day in _clock_changes(story)}
    months = list(_months(story.start.date(), story.end.date()))
    for first in range(0, len(months), SIDE_BY_SIDE):
        drawn = [list(_month(month, marks)) for month in months[first : first + SIDE_BY_SIDE]]
        yield ""
        for row in range(max(map(len, drawn))):
            yield "   ".join((month[row] if row < len(month) else "").ljust(22) for month in drawn).rstrip()
    yield ""
    yield LEGEND
    yield ""
    for slot in story.past_slots:
        yield _slot(story, slot)
    yield ""
    yield from _readers(story)


def _slot(story: Story, slot: Slot) -> str:
    when = f"  {slot.moment:%a} {slot.moment.day:2} {slot.moment:%b %Y %H:%M}  "
    if slot.plan is Plan.SKIPPED:
        return f"{when}skipped"
    if slot.plan is Plan.NONE:
        return f"{when}nothing was ready; the editors were told {len(slot.warnings)} times"
    send = story.stack.deployment.app.sends.get(slot.slug)
    sent = send.books.sent if send and send.books else 0
    note = {Plan.MENDED: " (refused at first, mended)", Plan.LAST_MINUTE: " (on the last evening)"}.get(slot.plan, "")
    return f"{when}{sent:3} readers  {slot.title}{note}"[:80]


def _readers(story: Story) -> Iterator[str]:
    counts = Counter(kind for person in story.cast for _, kind, _ in person.mails)
    people = story.cast.persons
    signed_up = sum(person.signs_up_at < story.end for person in people)
    yield f"  {signed_up} people signed up, {sum(bool(each.joined) for each in people)} pressed the button."
    yield f"  {counts['reminder']} reminders; {sum(len(each.left) for each in people)} times somebody left."
    paused = sum(bool(each.rests) for each in people)
    refused = sum(each.refused_at is not None for each in people)
    yield f"  {paused} paused for six weeks; {refused} bounced or complained, and got no more."
    faded = sum(each.habit is Habit.FADES and bool(each.left) for each in people)
    yield f"  {counts['renewal']} were asked after a year whether they still want it; {faded} let it end."


def _months(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = (month + timedelta(days=32)).replace(day=1)


def _month(month: date, marks: dict[date, str]) -> Iterator[str]:
    yield f"{month:%B %Y}".center(21).rstrip()
    yield "Mo Tu We Th Fr Sa Su"
    for week in calendar.Calendar().monthdatescalendar(month.year, month.month):
        days = (f"{day.day:2}{marks.get(day, ' ')}" if day.month == month.month else "   " for day in week)
        yield "".join(days).rstrip()


def _clock_changes(story: Story) -> Iterator[date]:
    days = (story.start.date() + timedelta(days=number) for number in range((story.end - story.start).days + 1))
    noons = (datetime(day.year, day.month, day.day, 12, tzinfo=UTC).astimezone(story.stack.zone) for day in days)
    for number, (_, same) in enumerate(groupby(noons, lambda noon: noon.utcoffset())):
        if number:
            yield next(same).date()
