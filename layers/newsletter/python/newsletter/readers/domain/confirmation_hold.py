"""The hold on confirmation email: apart from the issues, so that a bot on the form stops nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ConfirmationHold:
    """Whether confirmation email is held, and why."""

    because: str = ""
    """The evidence, while it is held; empty otherwise."""
    editors_informed: bool = False
    """Whether the editors got a mail about it."""
    judged_from: datetime | None = None
    """When a person last released it: only emails that left since are counted."""
