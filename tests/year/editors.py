"""The editors of that year: what they write, when they approve it, and when they are away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from local.simulator.inbox.reading import Read
from newsletter.calendar.jobs.make_digest import MORNING
from newsletter.core.slot import Rhythm
from tests.year.stack import Stack

TITLES = (
    "What co-production asks of councils", "Ferries by night", "The price of a bus", "Who owns the river",
    "Libraries after hours", "A census of hedges", "Heat in old houses", "The last bank in town",
    "Apprentices at forty",     "How a parish votes", "Gravel and salmon", "Care without a car", "Quiet roads",
    "The allotment economy", "Broadband in the glens", "Where the rain goes", "A school and its kitchen",
    "Shared surgeries", "Tides and turbines",
    "The museum that moved", "Wardens of the peat", "Small ports", "Night shifts", "Rent and rates", "Two languages",
    "Orchards for hire", "The long commute",
)  # fmt: skip
TEXT = (
    "---\ntitle: {title}\ndate: {day}\n---\n\nDear {{{{ name | reader }}}},\n\n{title}: what we found this fortnight.\n"
)
BROKEN = "---\ntitle: {title}\ndate: the second Tuesday\n---\n\nDear reader, this date cannot be read.\n"


NOTHING_READY = "o issue is ready for"
REPORTS = ("Sent: ", "Two days later: ", "Reached ")
"""How the subjects of reports begin."""
REPORTED_BY = timedelta(days=3)
"""After its slot: both reports of a send have come, and a title that comes again is of another issue."""


class Plan(StrEnum):
    """How an issue comes about."""

    IN_TIME = "uploaded five days before, approved the day after"
    MENDED = "refused at first, for a date that cannot be read"
    LAST_MINUTE = "uploaded in the last evening"
    NONE = "everybody is away"
    HELD = "approved, held on the day before, and released after the slot"
    CARRIED = "what was held goes out"
    SKIPPED = "the slot is skipped"


@dataclass
class Slot:
    """One Tuesday of the rhythm, and what the editors made of it."""

    moment: datetime
    """In the newsletter's time zone."""
    plan: Plan
    title: str
    slug: str
    warnings: list[datetime] = field(default_factory=list)
    """When the editors were told that nothing is ready, before the slot or at it."""
    reports: list[datetime] = field(default_factory=list)
    """When a report of its send came."""


PLANS = {1: Plan.MENDED, 3: Plan.LAST_MINUTE, 4: Plan.NONE, 5: Plan.HELD, 6: Plan.CARRIED}
"""Of a slot by its number, every half year; the others are in time, but for the one before New Year."""
EMPTY = frozenset({Plan.NONE, Plan.HELD, Plan.SKIPPED})
"""Plans by which nothing goes out."""


def slots(rhythm: Rhythm, start: datetime, end: datetime) -> Iterator[Slot]:
    """Yield every slot of the rhythm between two moments, with what the editors will make of it."""
    title = slug = ""
    for number, moment in enumerate(rhythm.slots_after(start)):
        if moment > end:
            return
        plan = PLANS.get(number % 13, Plan.IN_TIME)
        if (moment.month, moment.day) >= (12, 25) or (moment.month == 1 and moment.day < 3):
            plan = Plan.SKIPPED
        if plan is not Plan.CARRIED:
            title = TITLES[number % len(TITLES)]
            slug = f"{moment:%Y-%m-%d}-{title.lower().replace(' ', '-')}"
        yield Slot(moment, plan, title, slug)


class Desk:
    """The editors at work."""

    def __init__(self, stack: Stack, planned: list[Slot]) -> None:
        self.stack, self.planned = stack, planned
        for slot in planned:
            self._prepare(slot)

    def marks(self, now: datetime) -> datetime:
        """Return the next moment at which something about a slot, or the digest of a month, is due."""
        leads = (
            timedelta(hours=72),
            timedelta(hours=48),
            timedelta(hours=24),
            timedelta(hours=2),
            timedelta(0),
            timedelta(hours=-49),
        )
        due = [slot.moment - lead + timedelta(minutes=1) for slot in self.planned for lead in leads]
        next_month = (now.astimezone(self.stack.zone).replace(day=1) + timedelta(days=32)).date().replace(day=1)
        due += [
            datetime.combine(first, MORNING, self.stack.zone) + timedelta(minutes=1)
            for first in (now.astimezone(self.stack.zone).date().replace(day=1), next_month)
        ]
        return min((moment for moment in due if moment > now), default=now + timedelta(days=1))

    def receives(self, mail: Read) -> None:
        """Read what the stack tells the editors."""
        now, subject = self.stack.clock.now(), mail.header("Subject")
        for slot in self.planned:
            if NOTHING_READY in subject and slot.moment - timedelta(days=3) < now < slot.moment + timedelta(hours=6):
                slot.warnings.append(now)
            if subject.startswith(REPORTS) and slot.title in subject and slot.moment < now < slot.moment + REPORTED_BY:
                slot.reports.append(now)

    def _prepare(self, slot: Slot) -> None:
        def early(days: int, hour: int) -> datetime:
            day = slot.moment.date() - timedelta(days=days)
            return datetime.combine(day, time(hour), slot.moment.tzinfo)

        match slot.plan:
            case Plan.IN_TIME:
                self._upload(early(5, 15), slot, TEXT)
                self._approve(early(4, 11), slot)
            case Plan.MENDED:
                self._upload(early(5, 15), slot, BROKEN)
                self._upload(early(5, 16), slot, TEXT)
                self._approve(early(4, 11), slot)
            case Plan.LAST_MINUTE:
                self._upload(early(1, 20), slot, TEXT)
                self._approve(early(1, 21), slot)
            case Plan.HELD:
                self._upload(early(5, 15), slot, TEXT)
                self._approve(early(4, 11), slot)
                self._decide(early(1, 16), "hold_issue", slot)
                self._decide(early(-2, 10), "release_issue", slot)
            case Plan.SKIPPED:
                self.stack.at(early(20, 10), lambda: self._skip(slot.moment.date()))
            case Plan.NONE | Plan.CARRIED:
                pass

    def _upload(self, moment: datetime, slot: Slot, text: str) -> None:
        body = text.format(title=slot.title, day=slot.moment.date().isoformat())
        self.stack.at(moment, lambda: self.stack.upload(f"issues/{slot.slug}.md", body))

    def _approve(self, moment: datetime, slot: Slot) -> None:
        def approve() -> None:
            found = self._control(action="issue", slug=slot.slug)
            self._control(action="approve_issue", slug=slot.slug, content=found["content_hash"], by="Ann")

        self.stack.at(moment, approve)

    def _decide(self, moment: datetime, action: str, slot: Slot) -> None:
        def decide() -> None:
            self._control(action=action, slug=slot.slug, by="Ann")

        self.stack.at(moment, decide)

    def _skip(self, day: date) -> None:
        self._control(action="skip", day=day.isoformat(), because="New Year")

    def _control(self, **request: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.stack.call("control", request)
        if "error" in answer:
            raise AssertionError(f"{request}: {answer['error']}")
        return answer
