"""One run of one function: a real job, with ports that can fail, be late, or be the last thing it sees."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from newsletter.core.editors import Editors
from newsletter.core.slot import Rhythm
from newsletter.desk.jobs.remove_issue import remove_issue
from newsletter.desk.ports import RemovalPorts
from newsletter.errors import NewsletterError, StoreBusyError
from newsletter.feedback.domain.feedback import FeedbackEvent
from newsletter.feedback.jobs.break_circuit import break_circuit
from newsletter.feedback.jobs.hold_rest_back import Turn
from newsletter.feedback.ports import FeedbackPorts
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.upload import Upload
from newsletter.issues.jobs.refresh_archive import refresh_archive
from newsletter.issues.ports import ArchivePorts
from newsletter.sending.domain.batch import WORKER_LIFE
from newsletter.sending.domain.send import Again, PausedBy, SendState
from newsletter.sending.jobs.cancel_send import cancel_send
from newsletter.sending.jobs.look_again import look_again
from newsletter.sending.jobs.open_send import Opening, open_send
from newsletter.sending.jobs.pause_send import pause_send
from newsletter.sending.jobs.plan_opened_send import plan_opened_send
from newsletter.sending.jobs.send_again import send_again
from newsletter.sending.ports import SendPorts, SettlePorts
from newsletter.sending.probe_ports import EvidenceChannel
from newsletter.sending.steering_ports import ControlPorts
from tests.core.fakes import TEAM, OneByOne, PlainMails, VirtualClock
from tests.factories import LINKS, SLUG, record
from tests.feedback.fakes import MemoryUnfamiliar
from tests.issues.fakes import MemoryCache, MemoryFiles, PlainArchive
from tests.readers.fakes import PlainAddresses
from tests.sending.fakes import MemoryAudienceCount
from tests.simulation.calls import Fault, Killed, Odds, Wrapped
from tests.simulation.first_wave import BREAKER
from tests.simulation.long_faults import WorldBacklog, WorldProber
from tests.simulation.restore import restore
from tests.simulation.ses import WorldTransport
from tests.simulation.weather import Weather

if TYPE_CHECKING:
    from tests.simulation.long_faults import LongFaults
    from tests.simulation.world import Message, World

GRACE = timedelta(hours=1)
"""The template's default: longer than an event takes that is delayed, and whose reader is killed a few times."""
SETTLE_EVERY = timedelta(minutes=5)
CLOCK_EVERY = timedelta(minutes=5)
OPERATOR_EVERY = timedelta(minutes=45)
CUT_OFF = Odds(replace(Weather.calm(), kill=0.1))
LIFE = WORKER_LIFE.total_seconds()
RECURRING = {"clock", "operator"}
TODAY = record().date
RHYTHM = Rhythm(anchor=TODAY, time_zone=ZoneInfo("Europe/London"))


class SkewedClock:
    """The clock of one worker."""

    def __init__(self, clock: VirtualClock, faults: LongFaults) -> None:
        self._clock, self._faults = clock, faults
        self.skew = timedelta(0)

    def now(self) -> datetime:
        now = self._clock.now() + self.skew
        return now + self._faults.clock_is_wrong if self._faults.askew else now

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)


class Worker:
    """One run of one function after the other. Once killed, a run reaches nothing."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._chance, self._time = world.chance, world.clock
        self.skewed = SkewedClock(world.clock, world.faults) if world.weather.skew or world.faults.askew else None
        self.clock: VirtualClock | SkewedClock = self.skewed or world.clock
        self.signs = bool(world.faults.askew)
        """Whether AWS may find that its calls are signed at another time."""
        self.seen: dict[str, tuple[int, datetime, timedelta]] = {}
        """When a batch last asked about the send, which the next one of its environment need not ask again."""

    def begin(self) -> None:
        """Begin a run that knows nothing of the one before, but for what its environment keeps if it lives on."""
        world = self.world
        if self.skewed or self.__dict__.get("dead"):  # another clock is that of another machine
            self.__dict__.pop("_send_ports", None)
        self.dead = False
        self.ends = world.clock.elapsed + LIFE
        if self.skewed:
            self.skewed.skew = timedelta(minutes=world.random.uniform(-1, 1) * world.weather.skew / 2)
        self.odds = world.odds
        self.is_cut_off = False
        """Whether somebody who does not ask again is served by this worker."""
        self.asked: dict[str, tuple[int, datetime, timedelta]] = {}
        """Of the last call of each name: its moment, its time, and how long the worker had been kept from working."""
        self.kept: timedelta = self.__dict__.get("kept", timedelta(0))
        """How long it was frozen, or others ran in its place: nobody can know that between a look and a call."""

    def __getattr__(self, name: str) -> Any:
        """Return a store or a queue of the world, as this worker reaches it."""
        port = self.wrap(getattr(self.world, name))
        setattr(self, name, port)
        return port

    def handle(self, message: Message) -> None:
        """Do what the function of this queue does."""
        self.begin()
        getattr(self, f"_{message.kind}")(message.payload)
        if message.kind not in RECURRING:
            self.lives_on(False)  # it may be through, and die before that is known

    def _open(self, slug: str) -> None:
        open_send(self.world.issues.by_slug[slug], opening=self._opening, now=self.clock.now())

    @cached_property
    def _opening(self) -> Opening:
        return Opening(
            issues=self.issues, sends=self.sends, queues=self.queues, publish_queue=self.queues,
            needs_approval=False, shards=16,
        )  # fmt: skip

    def _refresh(self, slug: str) -> None:
        """Write the page, then wake the planners, as `publish` does."""
        if refresh_archive(slug, ports=self._archive_ports, rhythm=RHYTHM, now=self.clock.now()).stands:
            plan_opened_send(slug, sends=self.sends, queues=self.queues)

    @cached_property
    def _archive_ports(self) -> ArchivePorts:
        content, site = self.world.content, self.world.site
        return ArchivePorts(
            content,
            self.issues,
            self.site,
            PlainArchive(),
            MemoryCache(),
            MemoryFiles(content, site),
            needs_approval=False,
            threads=OneByOne(),
        )

    def _plan(self, shard: str) -> None:
        world = self.world
        steps = iter(range(world.random.randint(1, 4)))
        world.fan_out(
            SLUG,
            shard,
            sends=self.sends,
            audience=self.subscribers,
            sending_account=world.account_at_planning,
            queues=self.queues,
            sweeps=self.sweeps,
            out_of_time=lambda: next(steps, None) is None,
            now=self.clock.now(),
        )

    def _sweep(self, part: int) -> None:
        self.world.sweep(
            SLUG, part, sends=self.sends, sweeps=self.sweeps, readers=self.subscribers, queues=self.queues,
            now=self.clock.now(),
        )  # fmt: skip

    def _batch(self, after: str) -> None:
        world = self.world
        if world.waves.size and world.hold_rest_back(SLUG, after, ports=world.waves.ports(self)) is Turn.LATER:
            return
        ports = self._send_ports
        self.asked |= self.seen
        try:
            handed = world.send_batch(
                SLUG, after, claim=str(next(world.numbers)), ports=ports, links=LINKS,
                reply_to="editors@example.org", today=TODAY,
            )  # fmt: skip
        finally:
            self.seen = {name: each for name, each in self.asked.items() if name == "get"}
        world.note(after, handed)

    @cached_property
    def _send_ports(self) -> SendPorts:
        world = self.world
        self.seen = {}
        return SendPorts(
            sends=self.sends,
            evidence=self.evidence,
            subscribers=self.subscribers,
            content=world.content,
            transport=self.wrap(WorldTransport(self, entries=world.entries)),
            single=self.wrap(WorldTransport(self, entries=1)),
            rate=self.rate,
            queues=self.queues,
            clock=self.clock,
            unclear=world.unclear,
        )

    def _settle(self, slug: str) -> None:
        self._look_at(slug)

    @cached_property
    def _settle_ports(self) -> SettlePorts:
        world = self.world
        # The way for reports, as this worker asks about it.
        channel = EvidenceChannel(
            self.wrap(WorldProber(self)), world.probes, self.wrap(WorldBacklog(world)), self.second_place
        )
        return SettlePorts(
            sends=self.sends, evidence=self.evidence, due_reports=self.due_reports,
            issues=self.issues, queues=self.queues, publish_queue=self.queues,
            report_queue=self.queues, sweeps=self.sweeps, account=self.ses,
            audience=self.subscribers, audience_count=MemoryAudienceCount(),
            channel=channel, editors=Editors(self.mailer, PlainMails(), TEAM),
        )  # fmt: skip

    def _look_at(self, slug: str) -> None:
        world = self.world
        send, books = world.settle(slug, ports=self._settle_ports, grace=GRACE, hold=world.hold, now=self.clock.now())
        world.note(send.state, send.paused_because[:40], books)
        world.promises.hold_to_few_messages()
        look_again(
            send, sends=self.sends, queues=self.queues, every=SETTLE_EVERY * world.patience, now=self.clock.now()
        )

    def _clock(self, slug: str) -> None:
        """Look at the sends that are not through, as every five minutes."""
        self.world.put("clock", slug, CLOCK_EVERY.total_seconds() * self.world.patience)
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

    def _event(self, events: list[FeedbackEvent]) -> None:
        """Record a report, or a file of them."""
        world = self.world
        world.second_place.kept.update((event.part, event.subscriber_id) for event in events if event.of_an_issue)
        if world.faults.clogged.has(world.seconds()):
            raise StoreBusyError("the tables do not answer")
        recorded = world.record_feedback(events, ports=self._feedback_ports, now=self.clock.now())
        if world.waves.size:
            break_circuit(
                recorded.news, sends=self.sends, evidence=self.evidence, queues=self.queues, breaker=BREAKER,
                now=self.clock.now(),
            )  # fmt: skip
        if recorded.failed:
            raise StoreBusyError("not every event was recorded")
        if world.record_late_proof(events, sends=self.sends, queues=self.queues, now=self.clock.now()):
            raise StoreBusyError("the event was not counted into the books")

    @cached_property
    def _feedback_ports(self) -> FeedbackPorts:
        return FeedbackPorts(
            sends=self.sends, evidence=self.evidence, subscribers=self.subscribers, suppressions=self.suppressions,
            issues=self.issues, unfamiliar=MemoryUnfamiliar(), probes=self.probes,
        )  # fmt: skip

    # --- people -------------------------------------------------------------------------------------------------------

    @cached_property
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
        if world.chance() < world.weather.cut_off:
            self.is_cut_off, self.odds = True, CUT_OFF
        match wish:
            case "pause":
                pause_send(SLUG, "somebody wants it", ports=ports, now=now)
                world.put("control", "resume", world.random.choice((2, 60, 5000)) * world.random.random())
            case "resume":
                world.resume_send(SLUG, ports=ports, now=now)
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
        ports = RemovalPorts(self.content, self.issues, self.sends, self.queues)
        removal = Upload(f"issues/{SLUG}.md", sequencer="9".rjust(64, "0"), removed=True)
        remove_issue(removal, ports=ports, today=TODAY, now=self.clock.now())

    def _operator(self, slug: str) -> None:
        """Read what a held send says, mend the cause, and let it go on; once in a while, stop it instead."""
        world = self.world
        world.put("operator", slug, OPERATOR_EVERY.total_seconds() * world.patience)
        if world.dead and world.random.random() < 0.3:
            world.put_back_dead_letters()
        world.subscribers.unreadable = set()
        world.sends.repair()
        send = world.sends.get(slug)
        world.sends.unreadable = set()  # a worker holds the send for it, or the alarm of settle's dead letters rings
        if world.waves.is_stuck:
            world.put("control", "pause")  # and resume: somebody has judged
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
        """Return the port with interruptions, faults and death between its calls."""
        return Wrapped(port, self)

    def asks(self, *names: str) -> None:
        """Note questions to a port."""
        world = self.world
        now = world.moment, world.clock.now(), self.kept
        for name in names:
            self.asked[name] = now

    def moment_of(self, name: str) -> int:
        """Return the moment of the last question of this name; 0 if there was none."""
        return self.asked[name][0] if name in self.asked else 0

    def age(self, name: str) -> float:
        """Return for how long the worker has relied on its last answer of this name. Units: seconds."""
        _, asked_at, kept = self.asked[name]
        return (self.world.clock.now() - asked_at - (self.kept - kept)).total_seconds()

    def lives_on(self, of_store: bool) -> bool:  # noqa: FBT001 - called half a million times
        """Live through the time since the last call; return whether the answer to the next one gets lost."""
        if self.dead:
            raise Killed
        drawn = self._chance()
        is_lost = drawn < self.odds.any and self._meets(self.odds.fault(drawn), of_store)
        self.world.moment += 1
        if self._time.elapsed >= self.ends:
            self.dead = True
            raise Killed("its time is up")
        if of_store and self.signs:
            self.world.faults.sign()
        return is_lost

    def _meets(self, fault: Fault, of_store: bool) -> bool:
        world = self.world
        world.moment += 1
        before = world.clock.now()
        match fault:
            case Fault.KILLED:
                self.dead = True
                raise Killed
            case Fault.INTERRUPTED:
                world.interrupt()
            case Fault.FROZEN:
                world.clock.sleep(world.random.uniform(1, 600))
            case Fault.SOMEBODY_CHANGES:
                world.change_somebody()
            case Fault.UNREADABLE_BATCH:
                world.corrupt()
            case Fault.UNREADABLE_RECORD:
                world.random.choice((world.subscribers, world.sends)).spoil()
            case Fault.RESTORED:
                restore(world)
            case Fault.BUSY if of_store:
                raise StoreBusyError("busy")
            case Fault.ANSWER_LOST:
                return of_store
        if (now := world.clock.now()) is not before:
            self.kept += now - before
        return False


WISHES = ("pause", "pause", "breaker", "cancel", "failed", "failed", "rest", "rest", "withdraw", "resume")
