"""What was promised to readers and editors, held against what they got; each broken promise is a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.readers.domain.renewal import YEAR
from newsletter.readers.domain.subscriber import Status
from newsletter.sending.domain.send import SendState
from tests.year.cast import Habit, Person
from tests.year.editors import EMPTY, REPORTED_BY, Plan, Slot
from tests.year.story import Story

WITHIN = timedelta(minutes=15)
"""After its slot an issue has reached everybody: the clocks of a small stack look every ten minutes."""
WARNINGS = 4
"""Two days, a day and two hours before an empty slot, and at it."""
UNCONFIRMED, LEFT = timedelta(days=30), timedelta(days=30)
"""How long we remember who never confirmed, and who left."""
NIGHT = timedelta(days=3)
"""Within which a night's work is done, and DynamoDB has deleted what expired."""
REMINDED_WITHIN = (timedelta(days=3), timedelta(days=5))


@dataclass(frozen=True)
class Promise:
    """What readers and editors were promised."""

    sentence: str
    broken: Callable[[Story], Iterator[str]]
    """Yields a sentence for each time it was not kept."""


def broken(story: Story) -> list[str]:
    """Return what was promised and not kept."""
    return [problem for promise in PROMISES for problem in promise.broken(story)]


def _functions(story: Story) -> Iterator[str]:
    for failure in story.stack.failures:
        yield f"a function did not finish: {failure}"
    for metric in story.watch.rang:
        yield f"an alarm rang for {metric}"


def _clocks(story: Story) -> Iterator[str]:
    for tick in story.stack.overslept:
        yield f"a clock stood still, and had something to do: {tick}"


def _issues(story: Story) -> Iterator[str]:
    """Each issue once to everybody who was on the list at its slot, at its hour, and to nobody else."""
    for slot in story.past_slots:
        if slot.plan in EMPTY:
            day = slot.moment.date()
            got_something = [
                person for person in story.cast for at, kind, _ in person.mails if kind == "issue" and at.date() == day
            ]
            if got_something:
                yield f"{slot.moment:%d %b %Y}: nothing was to go out, and {len(got_something)} got something"
            continue
        got = {person.email: _times(person, slot) for person in story.cast if _times(person, slot)}
        today = slot.moment.date()
        expected = {person.email for person in story.cast if person.is_reader_at(slot.moment, today=today)}
        if missed := expected - set(got):
            yield f"{slot.slug} did not reach {len(missed)} of {len(expected)} readers"
        if strangers := set(got) - expected:
            yield f"{slot.slug} reached {len(strangers)} people who are no readers"
        if twice := [email for email, times in got.items() if len(times) > 1]:
            yield f"{slot.slug} came twice to {len(twice)} readers"
        for times in got.values():
            if not slot.moment <= times[0] <= slot.moment + WITHIN:
                yield f"{slot.slug} came at {times[0].astimezone(slot.moment.tzinfo):%H:%M}, not at {slot.moment:%H:%M}"
                break


def _books(story: Story) -> Iterator[str]:
    for slot in story.past_slots:
        if slot.plan in EMPTY:
            continue
        send, got = (
            story.stack.deployment.app.sends.get(slot.slug),
            sum(bool(_times(each, slot)) for each in story.cast),
        )
        if send is None or send.state is not SendState.CLOSED or send.books is None:
            yield f"{slot.slug}: its books were never closed"
        elif not send.books.balanced:
            yield f"{slot.slug}: its books do not balance"
        elif send.books.sent != got:
            yield f"{slot.slug}: its books say {send.books.sent} sent, and {got} have it"


def _empty_slots(story: Story) -> Iterator[str]:
    for slot in story.past_slots:
        wanted = {Plan.NONE: WARNINGS, Plan.LAST_MINUTE: 2, Plan.HELD: 2}.get(slot.plan, 0)
        if len(slot.warnings) != wanted:
            yield f"{slot.moment:%d %b %Y}: the editors were warned {len(slot.warnings)} times, not {wanted}"


def _editors(story: Story) -> Iterator[str]:
    for slot in story.past_slots:
        if slot.plan in EMPTY or slot.moment > story.end - REPORTED_BY:
            continue
        if len(slot.reports) != 2:
            yield f"{slot.slug}: {len(slot.reports)} reports instead of two"


def _reminders(story: Story) -> Iterator[str]:
    """One reminder to each who signed up and did not confirm, and none to anybody else."""
    for person in story.cast:
        asked = [at for at, kind, _ in person.mails if kind == "confirmation"]
        reminded = [at for at, kind, _ in person.mails if kind == "reminder"]
        waits = person.habit in (Habit.FORGETS, Habit.NEEDS_REMINDING)
        due = [at for at in asked if at + REMINDED_WITHIN[1] < story.end] if waits else []
        if len(reminded) < len(due) or len(reminded) > (len(asked) if waits else 0):
            yield f"{len(reminded)} reminders to somebody who {person.habit}, not {len(due)}"
        for at, again in zip(asked, reminded, strict=False):
            if not REMINDED_WITHIN[0] <= again - at <= REMINDED_WITHIN[1]:
                yield f"a reminder came after {again - at}"


def _records(story: Story) -> Iterator[str]:
    """Whoever never confirmed is gone after a month, and of whoever left no address is kept after another."""
    app = story.stack.deployment.app
    for person in story.cast:
        record = app.subscribers.get(story.id_of(person.email))
        if not person.joined:
            if record is not None and person.signs_up_at + UNCONFIRMED + NIGHT < story.end:
                yield f"somebody who {person.habit} is still on record"
        elif record is None:
            yield f"somebody who {person.habit} is on no record"
        elif _has_left(person):
            left_at = max(person.left) if person.left else max(person.asked_to_renew) + timedelta(days=30)
            if record.status is Status.CONFIRMED or (record.email and left_at + LEFT + NIGHT < story.end):
                yield f"somebody who {person.habit} is still remembered by address"
        elif record.status is not Status.CONFIRMED:
            yield f"somebody who {person.habit} has fallen off the list"


def _has_left(person: Person) -> bool:
    return bool(person.left) and max(person.left) > max(person.joined)


def _renewals(story: Story) -> Iterator[str]:
    """Whoever has been on the list for a year is asked once whether they want to stay, and silence ends it."""
    for person in story.cast:
        if not person.joined or person.left or person.refused_at is not None:
            continue
        due = max(person.joined) + YEAR
        asked = person.asked_to_renew
        if due + NIGHT < story.end and not asked:
            yield f"somebody who {person.habit} was not asked after a year"
        if asked and asked[0] < due:
            yield f"somebody who {person.habit} was asked after {asked[0] - max(person.joined)}"
        if len(asked) > 1:
            yield f"somebody who {person.habit} was asked {len(asked)} times"


def _times(person: Person, slot: Slot) -> list[datetime]:
    return [moment for moment, kind, slug in person.mails if kind == "issue" and slug == slot.slug]


PROMISES = (
    Promise("Each issue came once, at its hour, to all readers, and to nobody else.", _issues),
    Promise("The books of every send balance, and say what people got.", _books),
    Promise("Where nothing was ready, the editors were warned; else they were not.", _empty_slots),
    Promise("The editors got two reports of every send.", _editors),
    Promise("Whoever forgot the button was reminded once; nobody else was.", _reminders),
    Promise("Who never confirmed is forgotten; so is the address of whoever left.", _records),
    Promise("After a year readers are asked once, and silence ends it.", _renewals),
    Promise("Every function finished, and no alarm rang.", _functions),
    Promise("No clock that stood still for the demo had anything to do.", _clocks),
)
