"""Suppressions: addresses we must not mail, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SuppressionReason(StrEnum):
    """Why an address must not be mailed."""

    HARD_BOUNCE = "hard_bounce"
    """The mailbox does not exist, or refuses us for good."""
    COMPLAINT = "complaint"
    """The reader pressed the spam button."""
    ERASED = "erased"
    """The reader asked to be forgotten; only this keyed hash remains, so that an import cannot bring them back."""
    MANUAL = "manual"
    """An operator's decision."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """One address we must not mail, known only by its keyed hash."""

    subscriber_id: str
    reason: SuppressionReason
    since: datetime
    slug: str = ""
    """The issue that brought it to light, if any."""

    @property
    def lifted_by_sign_up(self) -> bool:
        """Whether the person themself can come back by signing up and confirming again."""
        return self.reason is SuppressionReason.ERASED
