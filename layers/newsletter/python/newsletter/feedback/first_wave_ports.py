"""Ports of the first wave: the part of a send that leaves first, and is judged before the rest leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from newsletter.core.ports import Clock
from newsletter.sending.ports import SendStore


@dataclass(frozen=True, slots=True)
class FirstWave:
    """The batches that leave first."""

    batch_names: frozenset[str] = frozenset()
    judged_at: datetime | None = None
    """When it was found good enough for the rest to leave; None as long as it is not."""


class FirstWaveStore(Protocol):
    """The first wave of each send."""

    def get(self, slug: str) -> FirstWave: ...
    def admit(self, slug: str, after: str, *, beside: FirstWave) -> bool:
        """Add a batch; False, and nothing changed, if the wave is another by now than the one that it joins."""
        ...

    def note_judged(self, slug: str, *, now: datetime) -> None:
        """Let the rest leave."""
        ...

    def reported(self, slug: str) -> int:
        """Return how many emails of the send the circuit breaker has seen."""
        ...


@dataclass(frozen=True, slots=True)
class FirstWavePorts:
    """What holding the rest of a send back touches."""

    waves: FirstWaveStore
    sends: SendStore
    clock: Clock
    size: int
    """Recipients that leave first; 0 is everybody."""
    wait: timedelta
    """How long bounces and complaints have to arrive."""
    sample: int
    """Emails that the circuit breaker needs before it judges."""
