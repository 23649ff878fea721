"""A whole send in one process and no real time: real jobs, ports in memory, and everything that can go wrong.

One seed is one story. Workers are interrupted at their port calls: another worker may run there from start to end, or
the worker is killed, and then none of its later calls (not even those of a `finally`) reaches the world any more.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from newsletter.core.editors import Editors
from newsletter.core.slot import Rhythm
from newsletter.desk.jobs.remove_issue import remove_issue
from newsletter.desk.ports import RemovalPorts
from newsletter.errors import InvalidRequestError, NewsletterError, StoreBusyError
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.feedback.jobs.record_feedback import record_feedback
from newsletter.feedback.jobs.record_late_proof import record_late_proof
from newsletter.feedback.ports import FeedbackPorts
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.upload import Upload
from newsletter.issues.jobs.refresh_archive import refresh_archive
from newsletter.issues.ports import ArchivePorts
from newsletter.readers.domain.subscriber import Status, Subscriber, leave
from newsletter.sending.domain.batch import WORKER_LIFE, Batch
from newsletter.sending.domain.quota import Allowance
from newsletter.sending.domain.send import Again, PausedBy, SendState
from newsletter.sending.domain.unclear_calls import UnclearCalls
from newsletter.sending.jobs.cancel_send import cancel_send
from newsletter.sending.jobs.fan_out import fan_out
from newsletter.sending.jobs.look_again import look_again
from newsletter.sending.jobs.open_send import Opening, open_send
from newsletter.sending.jobs.pause_send import pause_send
from newsletter.sending.jobs.plan_opened_send import plan_opened_send
from newsletter.sending.jobs.resume_send import resume_send
from newsletter.sending.jobs.send_again import send_again
from newsletter.sending.jobs.send_batch import send_batch
from newsletter.sending.jobs.settle import settle
from newsletter.sending.jobs.sweep import sweep
from newsletter.sending.ports import SendPorts, SettlePorts
from newsletter.sending.probe_ports import EvidenceChannel
from newsletter.sending.steering_ports import ControlPorts
from tests.core.fakes import TEAM, MemoryMailer, PlainMails, VirtualClock
from tests.factories import LINKS, SLUG, record, rendered, subscriber
from tests.feedback.fakes import MemoryUnfamiliar
from tests.issues.fakes import MemoryCache, MemoryContent, MemoryFiles, MemoryIssues, PlainArchive
from tests.readers.fakes import PlainAddresses
from tests.sending.fakes import (
    MemoryAudienceCount,
    MemoryDueReports,
    MemoryProbes,
    MemoryRate,
    MemorySecondPlace,
    MemorySweeps,
    PlainAccount,
)
from tests.simulation.long_faults import LongFaults, WorldBacklog, WorldProber
from tests.simulation.promises import Promises
from tests.simulation.readers import WorldSubscribers
from tests.simulation.restore import restore
from tests.simulation.ses import RATE, Ses, WorldTransport
from tests.simulation.stores import (
    WorldEvidence,
    WorldQueues,
    WorldSends,
    WorldSite,
    WorldSuppressions,
)
from tests.simulation.weather import Weather

GRACE = timedelta(hours=1)
"""The template's default: longer than an event takes that is delayed, and whose reader is killed a few times."""
VISIBILITY = {
    "event": timedelta(minutes=6),
    "plan": timedelta(minutes=6),
    "control": timedelta(minutes=1),
    "open": timedelta(minutes=1),
}
LONGEST_VISIBILITY = timedelta(minutes=15)
SETTLE_EVERY = timedelta(minutes=5)
CLOCK_EVERY = timedelta(minutes=5)
OPERATOR_EVERY = timedelta(minutes=45)
LONGEST_STORY = timedelta(days=14)
MOST_EVENTS = 20_000
"""Of one story; some ten times of what the longest one has that ends."""
RECURRING = {"clock", "operator"}
TODAY = record().date
LANGUAGES = ("", "cy", "en", "cy-GB", "de")
"""Of the readers; the issue is in English and in Welsh."""
RHYTHM = Rhythm(anchor=TODAY, time_zone=ZoneInfo("Europe/London"))


class Killed(BaseException):
    """The worker ends here, without a word: not an Exception, so that no job can catch it."""


@dataclass(order=True)
class Message:
    """Something in a queue, from the moment it may be delivered."""

    ready: float
    number: int
    kind: str = field(compare=False)
    payload: Any = field(compare=False)
    tries: int = field(compare=False, default=0)
    """How often it was delivered: since the first time, it is in our queue for sure."""


class World:
    """The queues, the clock, the list, SES, and the books."""

    def __init__(self, seed: int, *, weather: Weather | None = None, hold: bool = False) -> None:
        self.random = Random(seed)  # noqa: S311 - a story, not a secret
        self.weather = (weather or Weather()).of_one_story(self.random)
        self.hold = hold
        self.clock = VirtualClock()
        self.start = self.clock.now()
        self.moment = 0
        """Counts the port calls: an order of events finer than the clock's."""
        self.promises = Promises(self)
        people = self.random.randint(10, 100)
        self.crowded = self.random.randint(1, 16)
        """Shards that hold anybody: few for large batches, many for a lonely end of each chain."""
        self.newest = people
        self.subscribers = WorldSubscribers(self, *(self.person(number) for number in range(people)))
        self.subscribers.some_confirm_just_now()
        self.planned_at = self.random.choice((RATE, 1000.0))
        """The account's rate when batches were planned, which may be another by now; at the second they are large."""
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
        self.was_restored = False
        self.put_back: tuple[Batch, Batch] | None = None
        """A batch as it was put back from a backup, and as it stood before."""
        self.mailer = MemoryMailer()
        self.reports: list[str] = []
        """Asked for, in order."""
        small = self.random.random() < self.weather.quota
        self.ses = Ses(self, quota=max(8, people // self.random.randint(2, 4)) if small else None)
        self.rate = MemoryRate(per_second=RATE, until=self.start)
        self.waiting: list[Message] = []
        self.numbers = iter(range(10**9))
        self.depth = 0
        self.faults = LongFaults(self)
        self.probes, self.unclear, self.second_place = MemoryProbes(), UnclearCalls(), MemorySecondPlace()
        self.in_hand: list[Message] = []
        """Messages that a worker is busy with."""
        self.given_up: set[str] = set()
        """Who failed as unproven at any time: from then on a person may say that they are mailed again."""
        self.log: list[str] = [f"{self.weather} hold={hold} people={people} quota={self.ses.quota} {self.faults}"]
        self.fan_out, self.send_batch, self.settle, self.record_feedback = fan_out, send_batch, settle, record_feedback
        self.record_late_proof = record_late_proof
        self.sweep = sweep
        """The jobs; a test that plants a bug puts its mutant here."""

    # --- queues -------------------------------------------------------------------------------------------------------

    def put(self, kind: str, payload: Any, delay: float = 0) -> None:
        """Queue a message, now and then twice, or (as if it were among the dead letters) not at all."""
        if kind in ("refresh", "plan", "sweep", "batch", "settle") and self.random.random() < self.weather.message_lost:
            self.log.append(f"{self.seconds():9.1f} {'  ' * self.depth}lost: {kind} {payload}")
            return
        # A settle message writes the next one: a copy of it would go on for ever, beside the first.
        once = kind in RECURRING | {"settle", "control"}
        for _ in range(1 if once or self.random.random() >= self.weather.message_twice else 2):
            ready = self.seconds() + delay + self.random.random() * 3
            heapq.heappush(self.waiting, Message(ready, next(self.numbers), kind, payload))

    def seconds(self) -> float:
        """Return how long the story has lasted."""
        return (self.clock.now() - self.start).total_seconds()

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
        longest = LONGEST_STORY.total_seconds()
        while self.waiting and self.seconds() < longest and len(self.log) < MOST_EVENTS and not self.over:
            self.deliver(heapq.heappop(self.waiting))

    @property
    def over(self) -> bool:
        """Whether the send is closed, on record as closed, and nothing is on its way any more."""
        send = self.sends.get(SLUG)
        return (
            send is not None
            and send.state is SendState.CLOSED
            and send.reported
            and not self.sends.unreadable
            and self.issues.by_slug[SLUG].status in (IssueStatus.SENT, IssueStatus.CANCELLED)
            and all(message.kind in RECURRING for message in self.waiting)
        )

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
            kept = replace(message, ready=readable + self.random.random() * 60, tries=1)
            return heapq.heappush(self.waiting, kept)
        self.log.append(f"{self.seconds():9.1f} {'  ' * self.depth}{message.kind} {_short(message.payload)}")
        self.in_hand.append(message)
        try:
            Worker(self).handle(message)
        except InvalidRequestError as refused:
            self.log.append(f"{self.seconds():9.1f} {'  ' * self.depth}refused: {refused}")
        except (Killed, NewsletterError) as ended:
            self.log.append(f"{self.seconds():9.1f} {'  ' * self.depth}ended in {message.kind}: {ended!r}")
            self.back(message)
        finally:
            self.in_hand.remove(message)
        return None

    def back(self, message: Message) -> None:
        """Deliver the message again once it is visible."""
        ready = self.seconds() + VISIBILITY.get(message.kind, LONGEST_VISIBILITY).total_seconds()
        again = replace(message, ready=ready, number=next(self.numbers), tries=message.tries + 1)
        heapq.heappush(self.waiting, again)

    def interrupt(self) -> None:
        """Let another worker run from start to end, in the middle of this one."""
        now = self.seconds()
        due = [message for message in self.waiting if message.ready <= now]
        if not due or self.depth >= 3:
            return
        message = self.random.choice(due)
        self.waiting.remove(message)
        heapq.heapify(self.waiting)
        self.depth += 1
        try:
            self.deliver(message)
        finally:
            self.depth -= 1

    def person(self, number: int) -> Subscriber:
        """Return one more reader; the shard comes from the lowest byte."""
        return subscriber((number << 8) + number % self.crowded * 16, lang=LANGUAGES[number % len(LANGUAGES)])

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
                self.put("event", late)
            case "erase" if len(self.subscribers.by_id) > 2:
                self.subscribers.forget(person)
            case _:
                self.newest += 1
                self.subscribers.save(replace(self.person(self.newest), confirmed_at=self.clock.now()))

    def corrupt(self) -> None:
        """Make a batch unreadable, once a story at most."""
        batches = [key for key, batch in self.sends.batch_items.items() if batch.ids]
        send = self.sends.get(SLUG)
        if batches and not self.sends.was_corrupt and send is not None and send.state is SendState.OPEN:
            self.sends.unreadable = {self.random.choice(batches)}
            self.sends.was_corrupt = True


class SkewedClock:
    """The clock of one worker."""

    def __init__(self, clock: VirtualClock, skew: timedelta, faults: LongFaults) -> None:
        self._clock, self._skew, self._faults = clock, skew, faults

    def now(self) -> datetime:
        now = self._clock.now() + self._skew
        return now + self._faults.clock_is_wrong if self._faults.askew else now

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)


class Worker:
    """One run of one function. Once killed it reaches nothing."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.dead = False
        self.began = world.clock.now()
        skew = timedelta(minutes=world.random.uniform(-1, 1) * world.weather.skew / 2)
        self.clock = SkewedClock(world.clock, skew, world.faults)
        self.asked: dict[str, int] = {}
        """The moment of the last call of each name."""
        self.asked_at: dict[str, tuple[datetime, timedelta]] = {}
        """Its time, and how long the worker had been kept from working by then."""
        self.kept = timedelta(0)
        """How long it was frozen, or others ran in its place: nobody can know that between a look and a call."""
        self.sends, self.issues = self.wrap(world.sends), self.wrap(world.issues)
        self.evidence, self.due_reports = self.wrap(world.evidence), self.wrap(world.due_reports)
        self.queues, self.sweeps = self.wrap(WorldQueues(world)), self.wrap(world.sweeps)

    def handle(self, message: Message) -> None:
        """Do what the function of this queue does."""
        getattr(self, f"_{message.kind}")(message.payload)

    def _open(self, slug: str) -> None:
        world = self.world
        opening = Opening(
            issues=self.issues, sends=self.sends, queues=self.queues, publish_queue=self.queues,
            needs_approval=False, shards=16,
        )  # fmt: skip
        open_send(world.issues.by_slug[slug], opening=opening, now=self.clock.now())

    def _refresh(self, slug: str) -> None:
        """Write the page, then wake the planners, as `publish` does."""
        world = self.world
        ports = ArchivePorts(
            world.content,
            self.issues,
            self.wrap(world.site),
            PlainArchive(),
            MemoryCache(),
            MemoryFiles(world.content, world.site),
            needs_approval=False,
        )
        if refresh_archive(slug, ports=ports, rhythm=RHYTHM, now=self.clock.now()).stands:
            plan_opened_send(slug, sends=self.sends, queues=self.queues)

    def _plan(self, shard: str) -> None:
        world = self.world
        steps = iter(range(world.random.randint(1, 4)))
        world.fan_out(
            SLUG,
            shard,
            sends=self.sends,
            audience=self.wrap(world.subscribers),
            sending_account=PlainAccount(Allowance(per_second=world.planned_at, per_day=-1, left_today=-1)),
            queues=self.queues,
            sweeps=self.sweeps,
            out_of_time=lambda: next(steps, None) is None,
            now=self.clock.now(),
        )

    def _sweep(self, part: int) -> None:
        world = self.world
        world.sweep(
            SLUG, part, sends=self.sends, sweeps=self.sweeps, readers=self.wrap(world.subscribers), queues=self.queues,
            now=self.clock.now(),
        )  # fmt: skip

    def _batch(self, after: str) -> None:
        world = self.world
        ports = SendPorts(
            sends=self.sends,
            evidence=self.evidence,
            subscribers=self.wrap(world.subscribers),
            content=world.content,
            transport=self.wrap(WorldTransport(self, entries=world.entries)),
            single=self.wrap(WorldTransport(self, entries=1)),
            rate=self.wrap(world.rate),
            queues=self.queues,
            clock=self.clock,
            unclear=world.unclear,
        )
        handed = world.send_batch(
            SLUG, after, claim=str(next(world.numbers)), ports=ports, links=LINKS, reply_to="editors@example.org",
            today=TODAY,
        )  # fmt: skip
        world.log.append(f"{world.seconds():9.1f} {'  ' * world.depth}{after}: {handed}")

    def _settle(self, slug: str) -> None:
        self._look_at(slug)

    @property
    def channel(self) -> EvidenceChannel:
        """The way for reports, as this worker asks about it."""
        world = self.world
        backlog, archive = self.wrap(WorldBacklog(world)), self.wrap(world.second_place)
        return EvidenceChannel(self.wrap(WorldProber(self)), world.probes, backlog, archive)

    def _look_at(self, slug: str) -> None:
        world = self.world
        ports = SettlePorts(
            sends=self.sends, evidence=self.evidence, due_reports=self.due_reports,
            issues=self.issues, queues=self.queues, publish_queue=self.queues,
            report_queue=self.queues, sweeps=self.sweeps, account=self.wrap(world.ses),
            audience=self.wrap(world.subscribers), audience_count=MemoryAudienceCount(),
            channel=self.channel,
            editors=Editors(self.wrap(world.mailer), PlainMails(), TEAM),
        )  # fmt: skip
        send, books = world.settle(slug, ports=ports, grace=GRACE, hold=world.hold, now=self.clock.now())
        world.log.append(f"{world.seconds():9.1f} {'  ' * world.depth}{send.state} {send.paused_because[:40]} {books}")
        look_again(send, sends=self.sends, queues=self.queues, every=SETTLE_EVERY, now=self.clock.now())

    def _clock(self, slug: str) -> None:
        """Look at the sends that are not through, as every five minutes."""
        self.world.put("clock", slug, CLOCK_EVERY.total_seconds())
        if self.world.waits_for_a_person:
            return
        try:
            under_way = self.world.issues.by_slug[slug].status in (IssueStatus.SENDING, IssueStatus.PAUSED)
            if under_way and self.world.sends.get(slug) is None:
                self._open(slug)
            if under_way or slug in self.world.sends.open_sends():
                self._look_at(slug)
        except (Killed, NewsletterError):
            return  # the next look comes anyway

    def _event(self, event: Any) -> None:
        world = self.world
        if event.of_an_issue:
            world.second_place.kept.add((event.part, event.subscriber_id))
        ports = FeedbackPorts(
            sends=self.sends, evidence=self.evidence, subscribers=self.wrap(world.subscribers),
            suppressions=self.wrap(world.suppressions),
            issues=self.issues, unfamiliar=MemoryUnfamiliar(), probes=self.wrap(world.probes),
        )  # fmt: skip
        if world.record_feedback([event], ports=ports, now=self.clock.now()).failed:
            raise StoreBusyError("the event was not recorded")
        if world.record_late_proof([event], sends=self.sends, queues=self.queues, now=self.clock.now()):
            raise StoreBusyError("the event was not counted into the books")

    # --- people -------------------------------------------------------------------------------------------------------

    @property
    def _control_ports(self) -> ControlPorts:
        world = self.world
        return ControlPorts(
            sends=self.sends, evidence=self.evidence, issues=self.issues, queues=self.queues, publish_queue=self.queues,
            content=world.content, subscribers=world.subscribers, addresses=PlainAddresses(),
            transport=WorldTransport(self, entries=1),
        )  # fmt: skip

    def _control(self, wish: str) -> None:
        """Do what somebody wants: once more from the beginning, if this is cut off."""
        world, now, ports = self.world, self.clock.now(), self._control_ports
        if world.sends.get(SLUG) is None:
            return
        match wish:
            case "pause":
                pause_send(SLUG, "somebody wants it", ports=ports, now=now)
                world.put("control", "resume", world.random.choice((2, 60, 5000)) * world.random.random())
            case "resume":
                resume_send(SLUG, ports=ports, now=now)
            case "breaker":
                if ports.sends.pause(SLUG, "too many bounces", by=PausedBy.BREAKER, now=now):
                    ports.queues.settle(SLUG)
            case "cancel":
                cancel_send(SLUG, "somebody wants it", ports=ports, now=now)
            case "failed" | "rest":
                send_again(SLUG, Again(wish), ports=ports, now=now)
            case "withdraw":
                self._withdraw()

    def _withdraw(self) -> None:
        ports = RemovalPorts(self.wrap(self.world.content), self.issues, self.sends, self.queues)
        removal = Upload(f"issues/{SLUG}.md", sequencer="9".rjust(64, "0"), removed=True)
        remove_issue(removal, ports=ports, today=TODAY, now=self.clock.now())

    def _operator(self, slug: str) -> None:
        """Read what a held send says, mend the cause, and let it go on; once in a while, stop it instead."""
        world = self.world
        world.put("operator", slug, OPERATOR_EVERY.total_seconds())
        world.subscribers.unreadable = set()
        world.sends.repair()
        send = world.sends.get(slug)
        world.sends.unreadable = set()  # a worker holds the send for it, or the alarm of settle's dead letters rings
        alone = (PausedBy.QUOTA, PausedBy.OUTAGE)
        if send is None or send.state is not SendState.PAUSED or send.paused_by in alone:
            return None
        assert send.paused_because, "a send is held, and nobody can know why"
        known = world.issues.by_slug[slug]
        if known.withdrawn and world.random.random() < 0.5:
            return world.put("control", "cancel")
        world.issues.by_slug[slug] = replace(known, withdrawn=False, listed=True, cleared=known.content_hash)
        for again in Again:
            if send.preparing is not None:
                world.put("control", str(again))
        return world.put("control", "resume")

    # --- faults -------------------------------------------------------------------------------------------------------

    def wrap(self, port: Any) -> Any:
        """Return the port with interruptions, faults and death before and after each of its calls."""
        return Wrapped(port, self)

    def asks(self, name: str) -> None:
        """Note a question to a port."""
        self.asked[name] = self.world.moment
        self.asked_at[name] = self.world.clock.now(), self.kept

    def age(self, name: str) -> float:
        """Return for how long the worker has relied on its last answer of this name. Units: seconds."""
        asked_at, kept = self.asked_at[name]
        return (self.world.clock.now() - asked_at - (self.kept - kept)).total_seconds()

    def step(self, *, may_refuse: bool) -> None:
        """Live through the moment before or after a call."""
        world, weather, chance = self.world, self.world.weather, self.world.random.random
        world.moment += 1
        if self.dead or chance() < weather.kill:
            self.dead = True
            raise Killed
        before = world.clock.now()
        if chance() < weather.interrupt:
            world.interrupt()
        if chance() < weather.change:
            world.change_somebody()
        if chance() < weather.freeze:
            world.clock.sleep(world.random.uniform(1, 600))
        now = world.clock.now()
        if now is not before:
            self.kept += now - before
        seldom = chance() * 100
        if seldom < weather.corrupt:
            world.corrupt()
        elif seldom < weather.corrupt + weather.unreadable:
            world.random.choice((world.subscribers, world.sends)).spoil()
        elif seldom < weather.corrupt + weather.unreadable + weather.restore:
            restore(world)
        if now - self.began >= WORKER_LIFE:
            self.dead = True
            raise Killed("its time is up")
        if may_refuse and world.faults.askew:
            world.faults.sign()
        if may_refuse and chance() < weather.busy:
            raise StoreBusyError("busy, or done and the answer lost")


class Wrapped:
    """A port whose calls can be the last thing a worker does."""

    def __init__(self, port: Any, worker: Worker) -> None:
        self._port = port
        self._worker = worker
        self._is_store = not isinstance(port, (WorldTransport, MemoryRate, Ses, WorldProber))

    def __getattr__(self, name: str) -> Any:
        target = getattr(self._port, name)
        if not callable(target):
            return target
        worker, is_store, of_records = self._worker, self._is_store, name == "get_many"

        def call(*args: Any, **kwargs: Any) -> Any:
            worker.step(may_refuse=is_store)
            worker.asks(name)
            for who in args[0] if of_records else ():
                worker.asks(f"record of {who}")
            answer = target(*args, **kwargs)
            answer = list(answer) if hasattr(answer, "__next__") else answer
            worker.step(may_refuse=is_store)
            return answer

        setattr(self, name, call)  # thousands of calls a story: the next one finds it at once
        return call


WISHES = ("pause", "pause", "breaker", "cancel", "failed", "failed", "rest", "rest", "withdraw", "resume")


def _short(payload: Any) -> str:
    return f"{payload.kind} {payload.subscriber_id}" if hasattr(payload, "subscriber_id") else str(payload)
