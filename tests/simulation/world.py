"""A whole send in one process and no real time: real jobs, ports in memory, and everything that can go wrong.

One seed is one story. Workers are interrupted at their port calls: another worker may run there from start to end, or
the worker is killed, and then none of its later calls (not even those of a `finally`) reaches the world any more.
"""

from __future__ import annotations

import heapq
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple

from newsletter.errors import InvalidRequestError, NewsletterError
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.feedback.jobs.hold_rest_back import hold_rest_back
from newsletter.feedback.jobs.record_feedback import record_feedback
from newsletter.feedback.jobs.record_late_proof import record_late_proof
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.domain.subscriber import Status, Subscriber, leave
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.quota import Allowance
from newsletter.sending.domain.send import PausedBy, SendState
from newsletter.sending.domain.unclear_calls import UnclearCalls
from newsletter.sending.jobs.fan_out import fan_out
from newsletter.sending.jobs.resume_send import resume_send
from newsletter.sending.jobs.send_batch import send_batch
from newsletter.sending.jobs.settle import settle
from newsletter.sending.jobs.sweep import sweep
from tests.core.fakes import MemoryMailer, VirtualClock
from tests.factories import SLUG, record, rendered, subscriber
from tests.issues.fakes import MemoryContent, MemoryIssues
from tests.sending.fakes import (
    MemoryDueReports,
    MemoryProbes,
    MemoryRate,
    MemorySecondPlace,
    MemorySweeps,
    PlainAccount,
)
from tests.simulation.calls import Killed, Odds
from tests.simulation.first_wave import WorldFirstWaves
from tests.simulation.long_faults import LongFaults
from tests.simulation.promises import Promises
from tests.simulation.readers import WorldSubscribers
from tests.simulation.ses import RATE, Ses
from tests.simulation.sqs import WorldQueues
from tests.simulation.stores import WorldEvidence, WorldSends, WorldSite, WorldSuppressions
from tests.simulation.weather import Weather
from tests.simulation.worker import CLOCK_EVERY, OPERATOR_EVERY, RECURRING, TODAY, WISHES, Worker

VISIBILITY = {
    "event": timedelta(minutes=6),
    "plan": timedelta(minutes=6),
    "sweep": timedelta(minutes=6),
    "settle": timedelta(minutes=12),
    "refresh": timedelta(minutes=12),
    "control": timedelta(minutes=1),
    "open": timedelta(minutes=1),
}
DEEPEST = 3
"""Most workers that interrupt each other."""
LONGEST_VISIBILITY = timedelta(minutes=15)
MOST_RECEIVES = 5
"""As often a queue delivers a message; then it lies among the dead letters, until somebody puts it back."""
ONCE = RECURRING | {"settle", "control"}
"""Messages of such queues are never delivered twice by themselves."""
DYING = {"refresh", "plan", "sweep", "batch", "settle"}
"""Messages of such queues. Reports of SES are delivered again for two weeks, and people ask again themselves."""
LONGEST_STORY = timedelta(days=14)
PATIENCE = ((3600.0, 1), (6 * 3600.0, 4), (float("inf"), 12))
"""Until which second of the story clocks and people come so many times more seldom than at first: whatever is not
through by then waits for hours, and each look only costs the story its time."""
STORMS = (1800.0, 3 * 3600.0, 12 * 3600.0)
"""Seconds after which workers die much less often: else hardly one of a bad story would come to its end."""
MOST_EVENTS = 20_000
"""Of one story; some ten times of what the longest one has that ends."""
LANGUAGES = ("", "cy", "en", "cy-GB", "de")
"""Of the readers; the issue is in English and in Welsh."""


class Message(NamedTuple):
    """Something in a queue, from the moment it may be delivered."""

    ready: float
    number: int
    kind: str
    payload: Any
    tries: int = 0
    """How often it was delivered: since the first time, it is in our queue for sure."""


class StoryClock(VirtualClock):
    """The clock of the world, which also knows how long the story has lasted."""

    elapsed = 0.0
    """Units: seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.start = self.now()

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.elapsed = (self._now - self.start).total_seconds()


class World:
    """The queues, the clock, the list, SES, and the books."""

    def __init__(self, seed: int, *, weather: Weather | None = None, hold: bool = False) -> None:
        self.random = Random(seed)  # noqa: S311 - a story, not a secret
        self.weather = (weather or Weather()).of_one_story(self.random)
        self.hold = hold
        self.streams = seed % 4 > 1
        """Whether SES reports whom it took through a stream, in files: in every other story."""
        self.chance = self.random.random
        self.odds = Odds(self.weather)
        self.clock = StoryClock()
        self.start = self.clock.start
        self.depth = 0
        self.moment = 0
        """Counts the port calls: an order of events finer than the clock's."""
        self.promises = Promises(self)
        people = self.how_many()
        self.crowded = self.random.randint(1, 16)
        """Shards that hold anybody: few for large batches, many for a lonely end of each chain."""
        self.newest = people
        self.subscribers = WorldSubscribers(self, *(self.person(number) for number in range(people)))
        self.subscribers.some_confirm_just_now()
        planned_at = Allowance(per_second=self.random.choice((RATE, 1000.0)), per_day=-1, left_today=-1)
        self.account_at_planning = PlainAccount(planned_at)
        """Its rate may be another by now; at the second of the two, batches are large."""
        self.entries = self.random.choice((3, 50))
        """Recipients of one call: fewer than are booked together, or more."""
        self.always_there = set(self.subscribers.by_id)
        """Whoever is on the list from beginning to end, and so must not be lost."""
        self.suppressions = WorldSuppressions(self)
        self.sends, self.issues = WorldSends(self), MemoryIssues(record())
        self.sweeps = MemorySweeps(self.sends)
        self.evidence, self.due_reports = WorldEvidence(self), MemoryDueReports()
        self.content, self.site = MemoryContent(), WorldSite()
        welsh = rendered(lang="cy", translation="cy", subject="Mwy am fwy")
        self.content.put_rendered(rendered(translations=(welsh,)))
        self.waves = WorldFirstWaves(self)
        self.was_restored = False
        self.put_back: tuple[Batch, Batch] | None = None
        """A batch as it was put back from a backup, and as it stood before."""
        self.mailer, self.queues = MemoryMailer(), WorldQueues(self)
        self.reports: list[str] = []
        """Asked for, in order."""
        small = self.random.random() < self.weather.quota
        self.ses = Ses(self, quota=max(8, people // self.random.randint(2, 4)) if small else None)
        self.rate = MemoryRate(per_second=RATE, until=self.start)
        self.waiting: list[Message] = []
        self.numbers = iter(range(10**9))
        self.dead: list[Message] = []
        """Letters that were delivered too often."""
        self.storm_ends = self.random.choice(STORMS)
        self.faults = LongFaults(self)
        self.probes, self.unclear, self.second_place = MemoryProbes(), UnclearCalls(), MemorySecondPlace()
        self.workers = [Worker(self) for _ in range(DEEPEST + 1)]
        """One for each depth: it has the time until those who interrupt it are through."""
        self.in_hand: list[Message] = []
        """Messages that a worker is busy with."""
        self.given_up: set[str] = set()
        """Who failed as unproven at any time: from then on a person may say that they are mailed again."""
        self.notes: list[tuple[float, int, tuple[object, ...]]] = []
        """What happened: the second, how deep in the interrupted, and what."""
        self.note(self.weather, f"hold={hold} people={people} quota={self.ses.quota}", self.faults)
        self.fan_out, self.send_batch, self.settle, self.record_feedback = fan_out, send_batch, settle, record_feedback
        self.record_late_proof = record_late_proof
        self.sweep, self.resume_send, self.hold_rest_back = sweep, resume_send, hold_rest_back
        """The jobs; a test that plants a bug puts its mutant here."""

    # --- queues -------------------------------------------------------------------------------------------------------

    def put(self, kind: str, payload: Any, delay: float = 0) -> None:
        """Queue a message, now and then twice, or (as if it were among the dead letters) not at all."""
        if kind in DYING and self.chance() < self.weather.message_lost:
            self.note("lost:", kind, payload)
            return
        # A settle message writes the next one: a copy of it would go on for ever, beside the first.
        for _ in range(1 if kind in ONCE or self.chance() >= self.weather.message_twice else 2):
            ready = self.clock.elapsed + delay + self.chance() * 3
            heapq.heappush(self.waiting, Message(ready, next(self.numbers), kind, payload))

    def seconds(self) -> float:
        """Return how long the story has lasted."""
        return self.clock.elapsed

    def note(self, *things: object) -> None:
        """Write down what happens; it is put into words only for whoever reads it."""
        self.notes.append((self.clock.elapsed, self.depth, things))

    @property
    def log(self) -> list[str]:
        """The story in words."""
        return [
            f"{seconds:9.1f} {'  ' * depth}{' '.join(map(_short, things))}" for seconds, depth, things in self.notes
        ]

    # --- the story ----------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Tell the story to its end: the send is closed and nothing is left to do, or it lasted too long."""
        self.put("open", SLUG)
        self.put("clock", SLUG, CLOCK_EVERY.total_seconds())
        self.put("operator", SLUG, OPERATOR_EVERY.total_seconds())
        if self.random.random() < self.weather.steering:
            for _ in range(self.random.randint(1, 4)):
                wish = self.random.choice(WISHES)
                self.put("control", wish, self.random.choice((3, 20, 200, 30_000, 30_000)) * self.random.random())
        if self.weather.pauses and self.random.random() < self.weather.pauses:
            self.put("control", "pause", 3 + self.random.random() * 10)
        longest, most = LONGEST_STORY.total_seconds(), MOST_EVENTS + 10 * len(self.subscribers.by_id)
        while self.waiting and self.seconds() < longest and len(self.notes) < most and not self.is_over():
            if self.seconds() >= self.storm_ends:
                self.odds, self.storm_ends = Odds(self.weather.after_the_storm()), longest
            self.deliver(heapq.heappop(self.waiting))

    def is_over(self) -> bool:
        """Return whether nothing will happen any more; before, somebody may put back what lies among the dead letters.

        Then it arrives behind the closing, in any order.
        """
        if not self.over:
            return False
        if self.dead and self.random.random() < 0.5:
            self.put_back_dead_letters()
        return self.over

    def put_back_dead_letters(self) -> None:
        """Deliver all of them again, some of them twice."""
        self.note("put back: dead letters", len(self.dead))
        dead, self.dead = self.dead, []
        for letter in dead:
            self.put(letter.kind, letter.payload, self.random.random() * 60)

    def how_many(self) -> int:
        """Return how many readers there are: a few tell most of it, and some things only many."""
        drawn = self.random.random()
        if drawn < self.weather.crowd:
            return int(1000 * 20 ** self.random.random())
        if drawn < self.weather.crowd + self.weather.large:
            return self.random.randint(100, 400)
        return self.random.randint(1, self.random.choice((10, 60, 60)))

    @property
    def over(self) -> bool:
        """Whether the send is closed, on record as closed, and nothing is on its way any more."""
        send = self.sends.headers.get(SLUG)
        return (
            send is not None
            and send.state is SendState.CLOSED
            and not self.sends.is_spoilt
            and send.reported
            and not self.sends.unreadable
            and self.issues.by_slug[SLUG].status in (IssueStatus.SENT, IssueStatus.CANCELLED)
            and all(message.kind in RECURRING for message in self.waiting)
        )

    @property
    def patience(self) -> int:
        """How many times longer than at first clocks and people let the story wait by now."""
        return next(times for until, times in PATIENCE if self.clock.elapsed < until)

    @property
    def waits_for_a_person(self) -> bool:
        """Whether nothing can happen before the operator comes: another look would only cost the stories their time."""
        send = self.sends.get(SLUG)
        if send is None or send.state is not SendState.PAUSED or send.resume_at is not None:
            return False
        informed = send.editors_informed_of is send.paused_by or send.paused_by is PausedBy.PERSON
        return (
            informed
            and all(message.kind in RECURRING for message in self.waiting)
            and not any(batch.in_doubt for batch in self.sends.batch_items.values())
        )

    def deliver(self, message: Message) -> None:
        """Hand a message to a worker; what it does not finish comes back."""
        if message.ready > self.seconds():
            self.clock.sleep(message.ready - self.seconds())
        if (readable := self.faults.keeps_back(message)) is not None:
            kept = message._replace(ready=readable + self.random.random() * 60, tries=1)
            return heapq.heappush(self.waiting, kept)
        self.note(message.kind, message.payload)
        self.in_hand.append(message)
        worker = self.workers[self.depth]
        try:
            worker.handle(message)
        except InvalidRequestError as refused:
            self.note("refused:", refused)
        except (Killed, NewsletterError) as ended:
            self.note("ended in", message.kind, repr(ended))
            if not worker.is_cut_off:
                self.back(message)
        finally:
            self.in_hand.pop()
        return None

    def back(self, message: Message) -> None:
        """Deliver the message again once it is visible."""
        _, _, kind, payload, tries = message
        ready = self.clock.elapsed + VISIBILITY.get(kind, LONGEST_VISIBILITY).total_seconds()
        again = Message(ready, next(self.numbers), kind, payload, tries + 1)
        if message.kind in DYING and again.tries >= MOST_RECEIVES:
            self.note("dead:", message.kind, message.payload)
            self.dead.append(again)
        else:
            heapq.heappush(self.waiting, again)

    def interrupt(self) -> None:
        """Let another worker run from start to end, in the middle of this one."""
        if self.depth >= DEEPEST:
            return
        now = self.seconds()
        due = [at for at, message in enumerate(self.waiting) if message.ready <= now]
        if not due:
            return
        at = self.random.choice(due)
        message, self.waiting[at] = self.waiting[at], self.waiting[-1]
        self.waiting.pop()
        heapq.heapify(self.waiting)
        self.depth += 1
        try:
            self.deliver(message)
        finally:
            self.depth -= 1

    def person(self, number: int) -> Subscriber:
        """Return one more reader."""
        return _person(number, self.crowded)

    def change_somebody(self) -> None:
        """One reader does something, at any moment."""
        if not self.subscribers.by_id:
            return  # everybody was erased
        person = self.random.choice(list(self.subscribers.by_id.values()))
        if person.moved_to or person.subscriber_id in self.subscribers.unreadable:
            return
        match self.random.choice(("leave", "leave", "return", "erase", "pause", "join", "bounce", "move", "move")):
            case "leave":
                self.subscribers.save(leave(person, now=self.clock.now()))
            case "return":
                returned = replace(person, status=Status.CONFIRMED, rests_until=None, confirmed_at=self.clock.now())
                self.subscribers.save(returned if person.status is not Status.CONFIRMED else person)
            case "move":
                self.subscribers.move(person)
            case "pause":
                self.subscribers.save(replace(person, rests_until=TODAY + timedelta(days=300)))
            case "bounce":
                late = FeedbackEvent(
                    kind=FeedbackKind.HARD_BOUNCE, message_id="of an earlier issue", happened_at=self.clock.now(),
                    mailed_at=self.start, subscriber_id=person.subscriber_id, mail="welcome",
                )  # fmt: skip
                self.put("event", [late])
            case "erase" if len(self.subscribers.by_id) > 2:
                self.subscribers.forget(person)
            case _:
                self.newest += 1
                self.subscribers.save(replace(self.person(self.newest), confirmed_at=self.clock.now(), version=0))

    def corrupt(self) -> None:
        """Make a batch unreadable, once a story at most."""
        batches = [key for key, batch in self.sends.batch_items.items() if batch.ids]
        send = self.sends.get(SLUG)
        if batches and not self.sends.was_corrupt and send is not None and send.state is SendState.OPEN:
            self.sends.unreadable = {self.random.choice(batches)}
            self.sends.was_corrupt = True


@lru_cache(maxsize=100_000)  # stories differ in what happens to their readers, hardly in who they are
def _person(number: int, crowded: int) -> Subscriber:
    """Return a stored reader; its lowest byte tells the shard, and the part that is swept."""
    return subscriber(
        (number << 8) + number % crowded * 16 + number % 16, lang=LANGUAGES[number % len(LANGUAGES)], version=1
    )


def _short(thing: Any) -> str:
    if isinstance(thing, list):
        return ", ".join(map(_short, thing))
    return f"{thing.kind} {thing.subscriber_id}" if hasattr(thing, "subscriber_id") else str(thing)
