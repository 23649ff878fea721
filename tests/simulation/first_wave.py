"""A send whose first wave is judged before the rest leaves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from newsletter.feedback.domain.breaker import Breaker
from newsletter.feedback.domain.feedback import FeedbackKind
from newsletter.feedback.first_wave_ports import FirstWavePorts
from newsletter.sending.domain.batch import batch_of_part
from newsletter.sending.domain.send import Recipient, SendState
from tests.factories import SLUG
from tests.feedback.fakes import MemoryFirstWaves

if TYPE_CHECKING:
    from tests.simulation.worker import Worker
    from tests.simulation.world import World

BREAKER = Breaker(sample=10, bounces=50, complaints=1)
WAIT = timedelta(minutes=10)
A_WHILE = 6 * 3600
REPORTED = 0.95
"""Of the wave. Written out here, not taken from the job that is held to it."""


class WorldFirstWaves(MemoryFirstWaves):
    """The first wave, and whether it was judged before the rest left."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.size = world.random.randint(5, 30) if world.random.random() < world.weather.first_wave else 0
        self.mailed = 0
        self.mailed_last = 0.0

    @property
    def is_stuck(self) -> bool:
        """Whether nobody can judge the first wave, for hours, so that a person has to."""
        if not self.size or self.get(SLUG).judged_at or self.world.seconds() < A_WHILE:
            return False
        return self.world.sends.headers[SLUG].state is SendState.OPEN

    def reported(self, slug: str) -> int:
        return self.world.evidence.tallies[slug, None][FeedbackKind.SENT]

    def note_judged(self, slug: str, *, now: datetime) -> None:
        if not self.get(slug).judged_at:
            waited = self.world.seconds() - self.mailed_last
            # One worker writes down when it mailed, and another looks whether it is long enough ago: the wait is
            # shorter by what their two clocks are apart, and by no more (decision 0210).
            if waited < (WAIT - timedelta(minutes=self.world.weather.skew)).total_seconds() - 1:
                self.world.promises.breaks(f"the first wave was judged {waited:.0f} seconds after its last email")
            if self.reported(slug) < self.mailed * REPORTED:
                self.world.promises.breaks("the first wave was judged before SES reported it")
        super().note_judged(slug, now=now)

    def hold_when_mailing(self, recipient: Recipient) -> None:
        """Look at a message that SES is about to accept: of the first wave, or after it was judged."""
        if not self.size:
            return
        wave, send = self.get(SLUG), self.world.sends.headers[SLUG]
        if batch_of_part(recipient.tags["batch"]) in wave.batch_names:
            self.mailed += 1
            self.mailed_last = self.world.seconds()
        elif not wave.judged_at and not send.judged_from:
            self.world.promises.breaks(f"{recipient.subscriber_id} was mailed before the first wave was judged")

    def ports(self, worker: Worker) -> FirstWavePorts:
        """Return what a worker asks before it begins with a batch."""
        return FirstWavePorts(
            worker.waves, worker.sends, worker.clock, size=self.size, wait=WAIT, sample=BREAKER.sample
        )
