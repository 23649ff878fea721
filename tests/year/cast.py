"""Who reads the newsletter in that year, and what each of them does with its mails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random

from local.simulator.inbox.reading import Read
from local.simulator.mailbox import Fate
from tests.year.stack import Stack

NAMES = (
    "Amara", "Bronwen", "Chidi", "Dara", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kofi", "Lowri", "Mina",
    "Nils", "Oona", "Priya", "Quinn", "Rhys", "Sunita", "Tomos", "Uma", "Viktor", "Wen", "Xenia", "Yusuf", "Zofia",
)  # fmt: skip
FIRST_PEOPLE = 12
"""Who sign up in the days before the first issue."""
EVERY = timedelta(days=9)
"""Between two sign-ups after that."""
LINK = re.compile(r"https://\S+?/(confirm|preferences|unsubscribe)\?token=([\w.~-]+)")


class Habit(StrEnum):
    """What a person will do. The order is that in which they come: the first people have one of each."""

    READS = "reads"
    LEAVES = "leaves after some months, with one click"
    FORGETS = "never presses the button"
    PAUSES = "pauses for six weeks"
    NEEDS_REMINDING = "presses the button when reminded"
    BOUNCES = "has a mailbox that is closed one day"
    COMPLAINS = "marks an issue as spam"
    RETURNS = "leaves, and signs up again"
    FADES = "reads, and never renews the consent"


@dataclass
class Person:
    """One reader, and what they know of themselves: the promises are held against this, not against our tables."""

    name: str
    email: str
    habit: Habit
    signs_up_at: datetime
    joined: list[datetime] = field(default_factory=list)
    left: list[datetime] = field(default_factory=list)
    rests: list[tuple[datetime, date]] = field(default_factory=list)
    """When a pause began, and the day on which it is over."""
    refused_at: datetime | None = None
    """When an issue bounced, or was marked as spam: from then on nothing may come."""
    renewed: list[datetime] = field(default_factory=list)
    mails: list[tuple[datetime, str, str]] = field(default_factory=list)
    """What came: when, its kind, and the slug of an issue."""

    @property
    def asked_to_renew(self) -> list[datetime]:
        """When a mail asked for a renewal."""
        return [moment for moment, kind, _ in self.mails if kind == "renewal"]

    def is_reader_at(self, moment: datetime, *, today: date) -> bool:
        """Return whether an issue that goes out at a moment is for them."""
        joined = max((at for at in self.joined if at <= moment), default=None)
        left = any(joined is not None and joined <= at <= moment for at in self.left)
        resting = any(since <= moment and today < until for since, until in self.rests)
        refused = self.refused_at is not None and self.refused_at < moment
        return joined is not None and not left and not resting and not refused


def people(start: datetime, end: datetime, seed: int) -> list[Person]:
    """Return everybody who will sign up between two moments; the same for the same seed."""
    random = Random(seed)  # noqa: S311 - a story, not a secret
    habits = list(Habit)
    moments = [start + timedelta(hours=2 + 11 * number) for number in range(FIRST_PEOPLE)]
    while (following := moments[-1] + EVERY * (0.6 + 0.8 * random.random())) < end:
        moments.append(following)
    return [_person(number, moment, habits, random) for number, moment in enumerate(moments)]


def _person(number: int, moment: datetime, habits: list[Habit], random: Random) -> Person:
    # Most just read, as most do; and the first have one of each habit, so that a short story has it all.
    habit = habits[number % len(habits)] if number < FIRST_PEOPLE or random.random() < 0.5 else Habit.READS
    name = NAMES[number % len(NAMES)]
    return Person(name, f"{name.lower()}.{number}@example.org", habit, moment)


class Cast:
    """Lets the people act, on what they get."""

    def __init__(self, stack: Stack, persons: list[Person]) -> None:
        self.stack, self.persons = stack, persons
        self._by_email = {person.email: person for person in persons}
        self._networks = (f"198.51.{number // 250}.{number % 250 + 1}" for number in range(60_000))
        for person in persons:
            stack.at(person.signs_up_at, lambda person=person: self._sign_up(person))  # type: ignore[misc]

    def __iter__(self) -> Iterator[Person]:
        return iter(self.persons)

    def receives(self, email: str, kind: str, slug: str, mail: Read) -> None:
        """Let somebody find a mail, and do what they are used to."""
        person = self._by_email.get(email)
        if person is None:
            return
        now = self.stack.clock.now()
        person.mails.append((now, kind, slug))
        links = {match[1]: match[2] for match in LINK.finditer(mail.text)}
        soon = now + timedelta(minutes=17)
        match kind, person.habit:
            case "confirmation", Habit.FORGETS | Habit.NEEDS_REMINDING:
                pass
            case ("confirmation", _) | ("reminder", Habit.NEEDS_REMINDING):
                self.stack.at(soon, lambda: self._confirm(person, links["confirm"]))
            case "renewal", Habit.FADES:
                pass
            case "renewal", _:
                self.stack.at(soon, lambda: self._renew(person, links["confirm"]))
            case "issue", _:
                self._finds_issue(person, links, mail)

    def _finds_issue(self, person: Person, links: dict[str, str], mail: Read) -> None:
        now = self.stack.clock.now()
        issues, fates = sum(kind == "issue" for _, kind, _ in person.mails), self.stack.deployment.ses.simulator.fates
        if person.email in fates:
            person.refused_at = now
        match person.habit:
            case Habit.BOUNCES if issues == 3:
                fates[person.email] = Fate.BOUNCED
            case Habit.COMPLAINS if issues == 2:
                fates[person.email] = Fate.COMPLAINED
            case Habit.LEAVES if issues == 4:
                self.stack.at(now + timedelta(hours=3), lambda: self._leave(person, mail))
            case Habit.RETURNS if issues == 2:
                self.stack.at(now + timedelta(days=1), lambda: self._leave(person, mail))
                self.stack.at(now + timedelta(days=50), lambda: self._sign_up(person))
            case Habit.PAUSES if issues == 2:
                self.stack.at(now + timedelta(hours=5), lambda: self._pause(person, links["unsubscribe"]))

    # --- what they do -------------------------------------------------------------------------------------------------

    def _sign_up(self, person: Person) -> None:
        fields = {"email": person.email, "name": person.name, "source": "archive"}
        _expect(303, self.stack.http("subscribe", "subscribe/form", fields, network=next(self._networks)))

    def _confirm(self, person: Person, token: str) -> None:
        _expect(200, self.stack.http("confirm", "confirm/post", token=token))
        person.joined.append(self.stack.clock.now())

    def _renew(self, person: Person, token: str) -> None:
        _expect(200, self.stack.http("confirm", "confirm/post", token=token))
        person.renewed.append(self.stack.clock.now())

    def _leave(self, person: Person, mail: Read) -> None:
        found = LINK.search(mail.header("List-Unsubscribe"))
        assert found, "an issue without List-Unsubscribe"
        _expect(200, self.stack.http("unsubscribe", "unsubscribe/one_click_urlencoded", token=found[2]))
        person.left.append(self.stack.clock.now())

    def _pause(self, person: Person, token: str) -> None:
        now = self.stack.clock.now()
        until = now.astimezone(self.stack.zone).date() + timedelta(weeks=6)
        fields = {"action": "pause", "pause_until": until.isoformat()}
        _expect(200, self.stack.http("unsubscribe", "unsubscribe/pause", fields, token=token))
        person.rests.append((now, until))


def _expect(status: int, answered: int) -> None:
    assert answered == status, f"answered {answered}, not {status}"
