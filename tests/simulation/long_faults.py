"""Faults that last for hours: SES out, reports that are late or lost, a reader of reports that does not run, clocks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from newsletter.errors import StoreBusyError
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.sending.domain.answer import Answer, Pause
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.probe import ProbeAnswer, Probed
from newsletter.sending.domain.send import PausedBy, Recipient

if TYPE_CHECKING:
    from tests.simulation.worker import Worker
    from tests.simulation.world import Message, World

A_DAY = timedelta(hours=23)
"""As long as nobody may be mailed again without proof, less what clocks are apart. Written out, not taken from the
job that is held to it."""

FILE = 15.0
"""Seconds for which a stream collects events, as template.yaml asks for."""

SKEWED = Pause(PausedBy.SES, "SES does not accept the credentials: what is signed at another time is refused.")


@dataclass(frozen=True)
class Spell:
    """From when to when a fault lasts. Units: seconds of the story."""

    begins: float = 0.0
    ends: float = 0.0

    def __bool__(self) -> bool:
        return self.ends > self.begins

    def has(self, moment: float) -> bool:
        """Return whether it lasts at this moment."""
        return self.begins <= moment < self.ends


class LongFaults:
    """The spells of one story, at most one of each kind."""

    def __init__(self, world: World) -> None:
        self.world = world
        weather, random = world.weather, world.random
        self.outage = self._spell(weather.outage, hours=random.choice((0.1, 5, 30)))
        self.swallows = random.random() < 0.5
        """Whether SES takes mails in its outage, and never says so; else it takes none."""
        self.late = self._spell(weather.late, hours=6)
        """Reports about what is mailed in it arrive at its end, all at once."""
        self.dark = self._spell(weather.dark, hours=8)
        """Reports about what is mailed in it never arrive."""
        self.unread = self._spell(weather.unread, hours=10)
        """Reports wait in their queue."""
        self.clogged = self._spell(weather.clogged, hours=60)
        """Reports are read and kept in the second place, and the tables do not take them."""
        self.askew = self._spell(weather.jump, hours=0.2)
        """All our clocks are an hour wrong, and AWS refuses whatever they sign."""
        self.jump = timedelta(hours=random.choice((-1, 1)))
        self._files: dict[float, list[FeedbackEvent]] = {}

    def _spell(self, share: float, *, hours: float) -> Spell:
        random = self.world.random
        if not share or random.random() >= share:
            return Spell()
        begins = random.random() * random.choice((1, 60, 600, 7200))
        return Spell(begins, begins + random.uniform(0.2, 1) * hours * 3600)

    def __str__(self) -> str:
        spells = {name: spell for name, spell in vars(self).items() if isinstance(spell, Spell) and spell}
        return " ".join(f"{name}={spell.begins:.0f}-{spell.ends:.0f}" for name, spell in spells.items())

    @property
    def lose_reports(self) -> bool:
        """Whether a mail may have been taken of which no report exists anywhere."""
        return bool(self.world.weather.event_lost or self.dark)

    @property
    def no_proof(self) -> bool:
        """Whether somebody may rightly be given up, or mailed again because a person says so, before a report comes."""
        return bool(self.lose_reports or self.late or self.unread or self.outage)

    @property
    def clock_is_wrong(self) -> timedelta:
        """By how much all our clocks are wrong now."""
        return self.jump if self.askew.has(self.world.seconds()) else timedelta(0)

    def sign(self) -> None:
        """Refuse a call of AWS that is signed at another time."""
        if self.clock_is_wrong:
            raise StoreBusyError("signed at another time")

    def answers(self, recipients: Sequence[Recipient], worker: Worker) -> list[Answer] | None:
        """Return what SES says in an outage, or None if there is none."""
        if self.clock_is_wrong:
            return [SKEWED] * len(recipients)
        if not self.outage.has(self.world.seconds()):
            return None
        if self.swallows:
            for recipient in recipients:
                self.world.ses.take(recipient, worker)
        if self.world.random.random() < 0.3:
            raise TimeoutError("no answer")
        return [Outcome.UNKNOWN] * len(recipients)

    def report(self, event: FeedbackEvent) -> None:
        """Bring a report of SES to our queue, some time later, perhaps twice, perhaps never."""
        world, chance = self.world, self.world.random.random
        now = world.seconds()
        if chance() < world.weather.event_lost or self.dark.has(now):
            return
        late = self.late.ends - now if self.late.has(now) else 0.0
        for _ in range(2 if chance() < world.weather.event_twice else 1):
            delay = late + chance() * world.weather.straggle * 60
            if world.streams and event.kind is FeedbackKind.SENT:
                self._collect(event, now + delay)
            else:
                world.put("event", [event], delay=delay)

    def _collect(self, event: FeedbackEvent, at: float) -> None:
        """Put an event that reaches the stream then into the file that ends next."""
        ends = math.ceil(at / FILE) * FILE
        if ends not in self._files:
            self._files[ends] = []
            self.world.put("event", self._files[ends], delay=ends - self.world.seconds())
        self._files[ends].append(event)

    def keeps_back(self, message: Message) -> float | None:
        """Return when this message can be read, if nobody reads it now."""
        if message.kind == "event" and self.unread.has(self.world.seconds()):
            return self.unread.ends
        if message.kind == "event" and message.tries and self.clogged.has(self.world.seconds()):
            return self.clogged.ends
        return None


class WorldProber:
    """One worker's way to SES's own mailbox."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def send(self, message_count: int) -> Probed:
        world = self._worker.world
        weather, faults, chance = world.weather, world.faults, world.random.random
        if faults.clock_is_wrong or world.ses.stopped:
            return Probed(ProbeAnswer.REFUSED)
        if chance() < weather.throttle:
            return Probed(ProbeAnswer.LATER)
        if faults.outage.has(world.seconds()):
            return Probed(ProbeAnswer.UNCLEAR)
        probe_id = f"{next(world.numbers):032x}"
        for _ in range(message_count):
            faults.report(
                FeedbackEvent(
                    kind=FeedbackKind.SENT, message_id=str(next(world.numbers)), happened_at=world.clock.now(),
                    mailed_at=world.clock.now(), mail="probe", probe=probe_id,
                )
            )  # fmt: skip
        if chance() < weather.lose_answer:
            return Probed(ProbeAnswer.UNCLEAR)
        world.note(f"probe {probe_id.lstrip('0')} of {message_count}")
        return Probed(ProbeAnswer.ACCEPTED, probe_id, message_count)


class WorldBacklog:
    """Reports that are in our queue; what SES has not brought there yet, nobody can count."""

    def __init__(self, world: World) -> None:
        self._world = world

    def waiting(self) -> int:
        now = self._world.seconds()
        arrived = (each for each in self._world.waiting if each.kind == "event" and (each.tries or each.ready <= now))
        return sum(1 for _ in arrived) + sum(each.kind == "event" for each in self._world.in_hand)

    def unreadable(self) -> int:
        return 0
