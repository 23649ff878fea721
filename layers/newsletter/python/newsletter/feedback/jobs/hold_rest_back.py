"""Holding the rest of a send back until its first wave was judged: a fast send is over before its bounces are known.

The circuit breaker judges, as ever. Here a batch that does not belong to the first wave is only put off, until the
wave is through, its bounces had time to arrive, and SES reported it. Its message is dropped: `settle` queues whatever
waits in a send that stands still, every few minutes. A message put back here would live on beside each of those.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.feedback.first_wave_ports import FirstWavePorts
from newsletter.sending.domain.batch import BatchState
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import SendState

ENOUGH = 0.95
"""The share of the wave that SES must have reported: else nobody knows whether it bounced."""


class Turn(StrEnum):
    """Whether a batch may leave now."""

    NOW = "now"
    LATER = "later"
    """`settle` queues it again, as long as the send stands still."""


def hold_rest_back(slug: str, after: str, *, ports: FirstWavePorts) -> Turn:
    """Return whether this batch may leave.

    Whoever resumed the send by hand after a pause has judged: then everybody's turn is now. So it is where the worker
    has nothing to do but say so: of a send that we do not know, or that is held.
    """
    if not ports.size:
        return Turn.NOW

    def attempt() -> Turn | Literal[Race.LOST]:
        return _turn(slug, after, ports)

    return win(attempt, busy=f"many batches of {slug} begin at the same moment; the message will come again")


def _turn(slug: str, after: str, ports: FirstWavePorts) -> Turn | Literal[Race.LOST]:
    """Return whose turn it is; lost if another batch joined meanwhile."""
    send, wave, now = ports.sends.get(slug), ports.waves.get(slug), ports.clock.now()
    if send is None or send.state is not SendState.OPEN or send.judged_from:
        return Turn.NOW
    if wave.judged_at or after in wave.batch_names:
        return Turn.NOW
    batches = [batch for name in wave.batch_names if (batch := ports.sends.batch(slug, name)) is not None]
    under_way = [batch for batch in batches if batch.state is not BatchState.DONE]
    mailed = sum(len(batch.with_outcome(Outcome.SENT)) for batch in batches)
    planned = sum(len(batch.ids) for batch in batches)
    # Those who left meanwhile are no sample: then more join, until the breaker has something to judge.
    if planned < ports.size or (not under_way and mailed < ports.sample):
        return Turn.NOW if ports.waves.admit(slug, after, beside=wave) else LOST
    if under_way:
        return Turn.LATER
    if now < max(batch.touched_at for batch in batches) + ports.wait:
        return Turn.LATER
    if ports.waves.reported(slug) < mailed * ENOUGH:
        return Turn.LATER
    ports.waves.note_judged(slug, now=now)
    return Turn.NOW
