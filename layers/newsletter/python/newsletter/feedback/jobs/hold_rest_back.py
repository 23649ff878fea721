"""Holding the rest of a send back until its first wave was judged: a fast send is over before its bounces are known.

The circuit breaker judges, as ever. Here a batch that does not belong to the first wave only goes back to its queue,
until the wave is through, its bounces had time to arrive, and SES reported it.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.feedback.first_wave_ports import FirstWavePorts
from newsletter.sending.domain.batch import BatchState
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import SendState

ENOUGH = 0.95
"""The share of the wave that SES must have reported: else nobody knows whether it bounced."""

LOOK_AGAIN = timedelta(minutes=1)
LONGEST_DELAY = timedelta(minutes=15)
"""Of a message in SQS."""


class Turn(StrEnum):
    """Whether a batch may leave now."""

    NOW = "now"
    LATER = "later"
    """Its message is in the queue again."""


def hold_rest_back(slug: str, after: str, *, ports: FirstWavePorts) -> Turn:
    """Return whether this batch may leave; put its message back for later if not.

    Whoever resumed the send by hand after a pause has judged: then everybody's turn is now. So it is where the worker
    has nothing to do but say so: of a send that we do not know, or that is held.
    """
    if not ports.size:
        return Turn.NOW

    def attempt() -> timedelta | Literal[Race.LOST]:
        return _wait(slug, after, ports)

    wait = win(attempt, busy=f"many batches of {slug} begin at the same moment; the message will come again")
    if wait <= timedelta(0):
        return Turn.NOW
    ports.queues.send(slug, [after], delay=int(min(max(wait, LOOK_AGAIN), LONGEST_DELAY).total_seconds()))
    return Turn.LATER


def _wait(slug: str, after: str, ports: FirstWavePorts) -> timedelta | Literal[Race.LOST]:
    """Return how long the batch has to wait, nothing if its turn is now; lost if another batch joined meanwhile."""
    send, wave, now = ports.sends.get(slug), ports.waves.get(slug), ports.clock.now()
    if send is None or send.state is not SendState.OPEN or send.judged_from:
        return timedelta(0)
    if wave.judged_at or after in wave.batch_names:
        return timedelta(0)
    batches = [batch for name in wave.batch_names if (batch := ports.sends.batch(slug, name)) is not None]
    under_way = [batch for batch in batches if batch.state is not BatchState.DONE]
    mailed = sum(len(batch.with_outcome(Outcome.SENT)) for batch in batches)
    planned = sum(len(batch.ids) for batch in batches)
    # Those who left meanwhile are no sample: then more join, until the breaker has something to judge.
    if planned < ports.size or (not under_way and mailed < ports.sample):
        return timedelta(0) if ports.waves.admit(slug, after, beside=wave) else LOST
    if under_way:
        return LOOK_AGAIN
    left = max(batch.touched_at for batch in batches) + ports.wait - now
    if left > timedelta(0):
        return left
    if ports.waves.reported(slug) < mailed * ENOUGH:
        return LOOK_AGAIN
    ports.waves.note_judged(slug, now=now)
    return timedelta(0)
