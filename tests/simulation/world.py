"""A whole send in one process and no real time: real jobs, ports in memory, and everything that can go wrong.

One seed is one story. Workers are interrupted at their port calls: another worker may run there from start to end, or
the worker is killed, and then none of its later calls (not even those of a `finally`) reaches the world any more.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from newsletter.domain.answer import Answer, Retry
from newsletter.domain.batch import Batch
from newsletter.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.domain.issue import RenderedIssue
from newsletter.domain.outcome import Outcome
from newsletter.domain.send import Recipient, SendState
from newsletter.domain.shard import Shard
from newsletter.domain.subscriber import leave
from newsletter.errors import StoreBusyError
from newsletter.jobs.fan_out import fan_out
from newsletter.jobs.open_send import Opening, open_send
from newsletter.jobs.record_feedback import record_feedback
from newsletter.jobs.send_batch import send_batch
from newsletter.jobs.settle import settle
from newsletter.ports import FeedbackPorts, SendPorts, SettlePorts
from tests.factories import LINKS, SLUG, record, rendered, subscriber
from tests.fakes import (
    MemoryContent,
    MemoryIssues,
    MemoryMailer,
    MemoryQueues,
    MemoryRate,
    MemorySends,
    MemorySubscribers,
    MemorySuppressions,
    MemoryUnfamiliar,
    PlainAccount,
    PlainMails,
    VirtualClock,
)

GRACE = timedelta(hours=1)
"""The template's default: longer than an event takes that is delayed, and whose reader is killed a few times."""
VISIBILITY = {"event": timedelta(minutes=6)}
LONGEST_VISIBILITY = timedelta(minutes=30)
SETTLE_EVERY = timedelta(minutes=1)
LONGEST_STORY = timedelta(days=2)
TODAY = record().date
LONDON = ZoneInfo("Europe/London")


class Killed(BaseException):
    """The worker ends here, without a word: not an Exception, so that no job can catch it."""


@dataclass(frozen=True)
class Weather:
    """How often what goes wrong, as shares of port calls, calls to SES, entries or events."""

    kill: float = 0.02
    interrupt: float = 0.05
    busy: float = 0.01
    throttle: float = 0.1
    lose_answer: float = 0.1
    entry_wait: float = 0.05
    entry_failed: float = 0.02
    event_twice: float = 0.2
    event_lost: float = 0.0
    message_twice: float = 0.1
    leaving: float = 0.02


@dataclass(order=True)
class Message:
    """Something in a queue, from the moment it may be delivered."""

    ready: float
    number: int
    kind: str = field(compare=False)
    payload: Any = field(compare=False)


class World:
    """The queues, the clock, SES, and the books."""

    def __init__(self, seed: int, people: int = 120, weather: Weather | None = None) -> None:
        self.random = Random(seed)  # noqa: S311 - a story, not a secret
        self.weather = weather or Weather()
        self.clock = VirtualClock()
        self.start = self.clock.now()
        self.subscribers = MemorySubscribers(*(subscriber(number * 7) for number in range(people)))
        self.sends, self.issues = MemorySends(), MemoryIssues(record())
        self.content = MemoryContent()
        self.content.put_rendered(rendered())
        self.mailer = MemoryMailer()
        self.accepted: Counter[str] = Counter()
        self.left: dict[str, float] = {}
        self.broken: list[str] = []
        """Promises that were broken on the way."""
        self.waiting: list[Message] = []
        self.numbers = iter(range(10**9))
        self.depth = 0
        self.log: list[str] = []
        self.fan_out, self.send_batch, self.settle = fan_out, send_batch, settle
        """The jobs; a test that plants a bug puts its mutant here."""

    # --- queues -------------------------------------------------------------------------------------------------------

    def put(self, kind: str, payload: Any, delay: float = 0) -> None:
        """Queue a message, now and then twice."""
        # A settle message writes the next one: a copy of it would go on for ever, beside the first.
        twice = kind != "settle" and self.random.random() < self.weather.message_twice
        copies = 2 if twice else 1
        for _ in range(copies):
            ready = self.seconds() + delay + self.random.random() * 3
            heapq.heappush(self.waiting, Message(ready, next(self.numbers), kind, payload))

    def seconds(self) -> float:
        """Return how long the story has lasted."""
        return (self.clock.now() - self.start).total_seconds()

    # --- the story ----------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Tell the story to its end: the send is closed, or it lasted longer than any send may."""
        queues = WorldQueues(self)
        opening = Opening(issues=self.issues, sends=self.sends, queues=queues, needs_approval=False, shards=16)
        assert open_send(record(), opening=opening, now=self.clock.now()) is not None
        while self.waiting and self.seconds() < LONGEST_STORY.total_seconds():
            send = self.sends.get(SLUG)
            if send is not None and send.state is SendState.CLOSED:
                return
            if self.random.random() < self.weather.leaving:
                self.somebody_leaves()
            self.deliver(heapq.heappop(self.waiting))

    def somebody_leaves(self) -> None:
        """One reader presses the button, between two messages."""
        person = self.random.choice(list(self.subscribers.by_id.values()))
        if self.subscribers.save(leave(person, now=self.clock.now())):
            self.left.setdefault(person.subscriber_id, self.seconds())

    def deliver(self, message: Message) -> None:
        """Hand a message to a worker; what it does not finish comes back."""
        if message.ready > self.seconds():
            self.clock.sleep(message.ready - self.seconds())
        worker = Worker(self)
        self.log.append(f"{self.seconds():9.1f} {'  ' * self.depth}{message.kind} {message.payload}")
        try:
            worker.handle(message)
        except Killed:
            self.log.append(f"{self.seconds():9.1f} {'  ' * self.depth}killed in {message.kind}")
            self.back(message)
        except StoreBusyError:
            self.back(message)

    def back(self, message: Message) -> None:
        """Deliver the message again once it is visible."""
        ready = self.seconds() + VISIBILITY.get(message.kind, LONGEST_VISIBILITY).total_seconds()
        heapq.heappush(self.waiting, replace(message, ready=ready, number=next(self.numbers)))

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


class Worker:
    """One run of one function. Once killed it reaches nothing."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.dead = False

    def handle(self, message: Message) -> None:
        """Do what the function of this queue does."""
        world, now = self.world, self.world.clock.now()
        sends, queues = self.wrap(world.sends), self.wrap(WorldQueues(world))
        match message.kind:
            case "plan":
                steps = iter(range(world.random.randint(1, 4)))
                world.fan_out(
                    SLUG,
                    message.payload,
                    sends=sends,
                    audience=world.subscribers,
                    queues=queues,
                    out_of_time=lambda: next(steps, None) is None,
                    now=now,
                )
            case "batch":
                world.send_batch(
                    SLUG,
                    message.payload,
                    claim=str(next(world.numbers)),
                    ports=self.send_ports(sends, queues),
                    links=LINKS,
                    reply_to="editors@example.org",
                    today=TODAY,
                )
            case "settle":
                ports = SettlePorts(
                    sends,
                    self.wrap(world.issues),
                    queues,
                    self.wrap(world.subscribers),
                    self.wrap(PlainAccount()),
                    world.mailer,
                    PlainMails(),
                    "editors@example.org",
                )
                send, _ = world.settle(SLUG, ports=ports, grace=GRACE, now=now)
                if send.state is SendState.OPEN:
                    queues.settle(SLUG, delay=int(SETTLE_EVERY.total_seconds()))
            case "event":
                desk = FeedbackPorts(
                    sends=sends, subscribers=world.subscribers, suppressions=MemorySuppressions(),
                    issues=world.issues, unfamiliar=MemoryUnfamiliar(),
                )  # fmt: skip
                if record_feedback([message.payload], ports=desk, now=now).failed:
                    raise StoreBusyError("the event was not recorded")

    def send_ports(self, sends: Any, queues: Any) -> SendPorts:
        """Return the ports of a sending worker."""
        world = self.world
        transport = self.wrap(WorldTransport(world))
        return SendPorts(
            sends=sends,
            subscribers=self.wrap(world.subscribers),
            suppressions=MemorySuppressions(),
            content=world.content,
            transport=transport,
            single=transport,
            rate=MemoryRate(per_second=200, until=world.start),
            queues=queues,
            clock=world.clock,
        )

    def wrap(self, port: Any) -> Any:
        """Return the port with interruptions, faults and death before and after each of its calls."""
        return Wrapped(port, self)

    def step(self, *, before: bool) -> None:
        """Live through the moment before or after a call."""
        world, weather = self.world, self.world.weather
        if self.dead or (world.random.random() < weather.kill):
            self.dead = True
            raise Killed
        if world.random.random() < weather.interrupt:
            world.interrupt()
        if before and world.random.random() < weather.busy:
            raise StoreBusyError("busy")


class Wrapped:
    """A port whose calls can be the last thing a worker does."""

    def __init__(self, port: Any, worker: Worker) -> None:
        self._port = port
        self._worker = worker

    def __getattr__(self, name: str) -> Any:
        target = getattr(self._port, name)
        if not callable(target):
            return target

        def call(*args: Any, **kwargs: Any) -> Any:
            self._worker.step(before=not isinstance(self._port, WorldTransport))
            answer = target(*args, **kwargs)
            self._worker.step(before=False)
            return list(answer) if isinstance(answer, Iterator) else answer

        return call


class WorldQueues(MemoryQueues):
    """Queues that deliver."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    def plan(self, slug: str, shards: Any) -> None:
        for shard in shards:
            assert isinstance(shard, Shard)
            self.world.put("plan", shard.first)

    def send(self, slug: str, batches: Any, *, delay: int = 0) -> None:
        for after in batches:
            self.world.put("batch", after, delay)

    def settle(self, slug: str, *, delay: int = 0) -> None:
        self.world.put("settle", slug, delay)


class WorldTransport:
    """SES as it is: throttles, loses answers, fails single entries, and tells afterwards what it accepted."""

    entries = 50

    def __init__(self, world: World) -> None:
        self.world = world

    def send(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
        _world, weather, chance = self.world, self.world.weather, self.world.random.random
        if chance() < weather.throttle:
            return [Retry.TOO_MANY_CALLS] * len(recipients)
        answers: list[Answer] = [self._accept(recipient, weather, chance) for recipient in recipients]
        if chance() < weather.lose_answer:
            return [Outcome.UNKNOWN] * len(recipients)
        return answers

    def _accept(self, recipient: Recipient, weather: Weather, chance: Callable[[], float]) -> Answer:
        world, who = self.world, recipient.subscriber_id
        if chance() < weather.entry_wait:
            return Retry.PASSING
        if chance() < weather.entry_failed:
            return Retry.FAILED
        if who in world.left:
            world.broken.append(f"{who} was mailed after leaving")  # raised here, the worker would take it for a fault
        world.accepted[who] += 1
        if not (chance() < weather.event_lost):
            event = FeedbackEvent(
                kind=FeedbackKind.SENT,
                message_id=str(next(world.numbers)),
                happened_at=world.clock.now(),
                mailed_at=world.clock.now(),
                subscriber_id=who,
                slug=recipient.tags["issue"],
                batch=recipient.tags["batch"],
            )
            for _ in range(2 if chance() < weather.event_twice else 1):
                world.put("event", event, delay=chance() * GRACE.total_seconds() / 3)
        return Outcome.SENT


def batches_of(world: World) -> list[Batch]:
    """Return the batches as they stand."""
    return list(world.sends.batches(SLUG))
