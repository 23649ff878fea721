"""The year as a calendar for a terminal of 80 columns."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from textwrap import wrap

from tests.year.cast import Habit
from tests.year.editors import EMPTY, Plan, Slot
from tests.year.promises import PROMISES
from tests.year.story import Story

SIDE_BY_SIDE = 3
WIDTH = 80
MARKS = {Plan.NONE: "!", Plan.HELD: "h", Plan.SKIPPED: "-"}
LEGEND = "  * an issue   ! nothing was ready   h held   - skipped   ~ the clocks changed"
NOTES = {Plan.MENDED: "mended", Plan.LAST_MINUTE: "on the last evening", Plan.CARRIED: "was held"}


def lines(story: Story) -> Iterator[str]:
    """Yield the calendar, then the slots one by one, then what was seen in numbers."""
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
    yield from _seen(story)


def _slot(story: Story, slot: Slot) -> str:
    when = f"  {slot.moment:%a} {slot.moment.day:2} {slot.moment:%b %Y %H:%M}  "
    match slot.plan:
        case Plan.SKIPPED:
            return f"{when}skipped"
        case Plan.NONE:
            return f"{when}nothing was ready; the editors were told {len(slot.warnings)} times"
        case Plan.HELD:
            return f"{when}held on the day before; the editors were told {len(slot.warnings)} times"
    send = story.stack.deployment.app.sends.get(slot.slug)
    sent = send.books.sent if send and send.books else 0
    note = f" ({NOTES[slot.plan]})" if slot.plan in NOTES else ""
    before = f"{when}{sent:3} readers  "
    room = WIDTH - len(before) - len(note)
    title = slot.title if len(slot.title) <= room else f"{slot.title[: room - 1].rstrip()}…"
    return f"{before}{title}{note}"


def _seen(story: Story) -> Iterator[str]:
    """Yield what was seen, in numbers."""
    people, past = [person for person in story.cast if person.signs_up_at < story.end], story.past_slots
    mails = Counter(kind for person in people for _, kind, _ in person.mails)
    plans = Counter(slot.plan for slot in past)
    confirmed = [person for person in people if person.joined]
    left = [person for person in people if person.left]
    faded = [person for person in left if person.habit is Habit.FADES]
    records = {person.email: story.stack.deployment.app.subscribers.get(story.id_of(person.email)) for person in people}
    expired = sum(not person.joined and records[person.email] is None for person in people)
    erased = sum((record := records[person.email]) is not None and not record.email for person in left)
    yield _count(sum(slot.plan not in EMPTY for slot in past), f"issues sent, in {mails['issue']:,} emails")
    yield _count(plans[Plan.NONE] + plans[Plan.HELD], "slots without an issue: nothing was ready, or it was held")
    yield _count(plans[Plan.SKIPPED], "slots skipped")
    yield _count(len(list(_clock_changes(story))), "times the clocks changed")
    yield _count(len(people), f"people signed up: {len(confirmed)} confirmed, {expired} expired")
    yield _count(mails["reminder"], "reminders to press the button")
    yield _count(len(left), f"people left, of whom {erased} are erased by now")
    yield _count(sum(bool(person.rests) for person in people), "paused for six weeks")
    yield _count(sum(person.refused_at is not None for person in people), "bounced or complained, and got no more")
    renewed = sum(bool(person.renewed) for person in people)
    yield _count(mails["renewal"], f"were asked after a year: {renewed} renewed, {len(faded)} let it end")


def _count(number: int, what: str) -> str:
    return f"  {number:5,}  {what}"


def verdict(story: Story) -> Iterator[str]:
    """Yield each promise with whether it was kept, and below it how it was not."""
    for promise in PROMISES:
        problems = list(promise.broken(story))
        yield f"  {'NO ' if problems else 'yes'}  {promise.sentence}"
        for problem in problems:
            yield from wrap(problem, WIDTH, initial_indent="       - ", subsequent_indent="         ")


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
