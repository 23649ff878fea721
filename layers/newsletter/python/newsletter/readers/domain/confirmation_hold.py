"""Whether confirmation mail is held: apart from the issues, so that a bot on the form stops nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ConfirmationHold:
    """How confirmation mail stands."""

    because: str = ""
    """The evidence, while it is held; empty otherwise."""
    editors_informed: bool = False
    """Whether the editors got a mail about it."""
    judged_from: datetime | None = None
    """When a person last let it go on: only mails that left since are judged."""
