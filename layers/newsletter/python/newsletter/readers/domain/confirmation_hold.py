"""The hold on confirmation email of one lane: apart from the issues, so that a bot on the form stops nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsletter.readers.domain.limits import HOUR

STEPS = (0.0, 0.1, 0.2, 0.4, 0.8)
"""Which share of the lane's room is free, by the hours since it was held. Behind them the hold is over."""


@dataclass(frozen=True, slots=True)
class ConfirmationHold:
    """Whether confirmation email is held, and why."""

    because: str = ""
    """The evidence of the last hold; empty if there was none since a person released it."""
    editors_informed: bool = False
    """Whether an email about it to the editors is on its way, or there."""
    judged_from: datetime | None = None
    """When it was last held, or released by a person: only emails that left since are counted."""
    held_at: datetime | None = None
    """When it was last held. None on a hold of version 1.0, which ends when a person says so."""

    def share(self, now: datetime) -> float:
        """Return which part of the lane's room is free at this moment: 0 for none, 1 for all."""
        if not self.because:
            return 1.0
        if self.held_at is None:
            return 0.0
        hours = max(0, (now - self.held_at) // HOUR)
        return STEPS[hours] if hours < len(STEPS) else 1.0

    def steps_ahead(self, now: datetime) -> list[tuple[datetime, float]]:
        """Return when more of the lane's room will be free, and how much of it; nothing where only a person ends it."""
        if not self.because or self.held_at is None:
            return []
        steps = enumerate((*STEPS[1:], 1.0), start=1)
        return [(at, share) for hours, share in steps if (at := self.held_at + hours * HOUR) > now]

    def holds(self, now: datetime) -> bool:
        """Return whether any email has to wait for it."""
        return self.share(now) < 1
