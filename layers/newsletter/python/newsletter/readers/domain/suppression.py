"""Suppressions: addresses we must not mail, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class SuppressionReason(StrEnum):
    """Why an address must not be mailed."""

    HARD_BOUNCE = "hard_bounce"
    """The mailbox does not exist, or refuses us for good."""
    SOFT_BOUNCES = "soft_bounces"
    """The mailbox took too few of the last issues."""
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
    note: str = ""
    """An operator's reason, without an address."""
    listed_on: date | None = None
    """When SES was last seen to have the address on its own list; refreshed once a week."""

    @property
    def belongs_on_the_list(self) -> bool:
        """Whether SES should know it too; SES has a word for bounces and complaints, and for nothing else."""
        return self.reason in (SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT)

    def listed_since(self, day: date) -> bool:
        """Return whether SES was seen to list the address on this day or later."""
        return self.listed_on is not None and self.listed_on >= day

    @property
    def lifted_by_sign_up(self) -> bool:
        """Whether the person themself can come back by signing up and confirming again."""
        return self.reason is SuppressionReason.ERASED


SEEN_AGAIN_AFTER = timedelta(days=7)
"""How old the note may be that SES lists an address. Written every night it would cost seven times as much."""

TAKEN_FOR_GONE_AFTER = timedelta(days=14)
"""Without a newer note, the address is not on SES's list any more: each night that sees it renews a note of a week."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One address on SES's own list."""

    email: str
    reason: SuppressionReason
    since: datetime
