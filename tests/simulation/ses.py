"""SES as it is: throttles, loses answers, fails entries, stops for hours, and tells afterwards what it accepted."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.sending.domain.answer import Answer, Pause, Retry
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.pace import largest_call
from newsletter.sending.domain.pause_end import WINDOW
from newsletter.sending.domain.quota import Account, Allowance
from newsletter.sending.domain.send import PausedBy, Recipient

if TYPE_CHECKING:
    from tests.simulation.worker import Worker
    from tests.simulation.world import World

RATE = 14.0
"""Recipients a second: that of a new account, so that the workers of a small list have to wait for each other."""

AT_ONCE = 4
"""Most workers that are at work at one moment: one, and three that interrupt it and each other."""

BURST = RATE / 2 + AT_ONCE * largest_call(RATE)
"""What SES is taken to tolerate above the rate: half a second's worth, and one call of each worker that comes late."""

QUOTA = Pause(PausedBy.QUOTA, "The daily quota is used up.")
STOPS = (
    Pause(PausedBy.SES, "Sending is paused for this account.", heals=True),
    Pause(PausedBy.SES, "An address is not verified."),
)


class Ses:
    """The account, and everything it ever accepted."""

    def __init__(self, world: World, *, quota: int | None) -> None:
        self.world = world
        self.quota = quota
        self.accepted: Counter[str] = Counter()
        self.taken_at: defaultdict[str, list[float]] = defaultdict(list)
        """When each reader's messages were accepted."""
        self._moments: deque[float] = deque()
        self._level, self._at = 0.0, 0.0
        self._stop, self._stopped_until = STOPS[0], 0.0

    def read(self) -> Account:
        """Return the account as the live one describes itself."""
        return Account(
            max_send_rate=RATE,
            max_24_hour_send=-1 if self.quota is None else self.quota,
            sent_last_24_hours=self._sent_lately(),
            sending_enabled=not (self.stopped and self._stop.heals),
        )

    def allowance(self) -> Allowance:
        """Return how much, and how fast, the account may send."""
        if self.quota is None:
            return Allowance(per_second=RATE, per_day=-1, left_today=-1)
        return Allowance(per_second=RATE, per_day=self.quota, left_today=max(0, self.quota - self._sent_lately()))

    def call(self, recipients: Sequence[Recipient], worker: Worker) -> list[Answer]:
        """Answer one call."""
        world, weather, chance = self.world, self.world.weather, self.world.random.random
        if (answers := world.faults.answers(recipients, worker)) is not None:
            return answers
        if chance() < weather.throttle:
            return [Retry.TOO_MANY_CALLS] * len(recipients)
        if chance() < weather.stop:
            self._stop = world.random.choice(STOPS)
            world.note(f"SES stops: {self._stop.because}")
            self._stopped_until = world.seconds() + world.random.uniform(60, 3 * 3600)
        if self.stopped:
            return [self._stop] * len(recipients)
        self._count(len(recipients))
        answers = [self._entry(recipient, worker) for recipient in recipients]
        if chance() < weather.lose_answer:
            if chance() < 0.5:
                raise TimeoutError("no answer")
            return [Outcome.UNKNOWN] * len(recipients)
        return answers

    @property
    def stopped(self) -> bool:
        """Whether SES takes nobody for a while."""
        return self.world.seconds() < self._stopped_until

    def _count(self, recipients: int) -> None:
        """Hold the workers to the rate, by a bucket that leaks as fast as SES sends."""
        now = self.world.seconds()
        self._level = max(0.0, self._level - (now - self._at) * RATE) + recipients
        self._at = now
        # Workers whose clocks differ by minutes book the same second twice; then SES has to throttle.
        if self._level > BURST and not self.world.weather.skew:
            self.world.promises.breaks(f"over the rate: {self._level:.0f} recipients at once")

    def _sent_lately(self) -> int:
        while self._moments and self._moments[0] <= self.world.seconds() - WINDOW.total_seconds():
            self._moments.popleft()
        return len(self._moments)

    def _entry(self, recipient: Recipient, worker: Worker) -> Answer:
        weather, chance = self.world.weather, self.world.random.random
        if self.quota is not None and self._sent_lately() >= self.quota:
            return QUOTA
        if chance() < weather.entry_wait:
            return self.world.random.choice((Retry.PASSING, Retry.OVER_RATE))
        if chance() < weather.entry_failed:
            return Retry.FAILED
        if chance() < weather.entry_rejected:
            return Outcome.REJECTED
        self.take(recipient, worker)
        if chance() < weather.bounce:
            self._tell(recipient, FeedbackKind.HARD_BOUNCE)
        return Outcome.SENT

    def take(self, recipient: Recipient, worker: Worker) -> None:
        """Accept one message."""
        self.world.promises.hold_when_mailing(recipient, worker)
        self.world.waves.hold_when_mailing(recipient)
        self.accepted[recipient.subscriber_id] += 1
        self.taken_at[recipient.subscriber_id].append(self.world.seconds())
        self._moments.append(self.world.seconds())
        self._tell(recipient, FeedbackKind.SENT)

    def _tell(self, recipient: Recipient, kind: FeedbackKind) -> None:
        """Publish an event."""
        world = self.world
        event = FeedbackEvent(
            kind=kind,
            message_id=str(next(world.numbers)),
            happened_at=world.clock.now(),
            mailed_at=world.clock.now(),
            subscriber_id=recipient.subscriber_id,
            slug=recipient.tags["issue"],
            part=recipient.tags["batch"],
        )
        world.faults.report(event)


class WorldTransport:
    """One worker's way to SES."""

    def __init__(self, worker: Worker, *, entries: int) -> None:
        self.entries = entries
        self._worker = worker

    def send(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
        world = self._worker.world
        for recipient in recipients:
            world.promises.hold_to_language(recipient, rendered.lang)
        answers = world.ses.call(recipients, self._worker)
        if world.random.random() < world.weather.slow:
            world.clock.sleep(world.random.uniform(0.1, 8))
        return answers
