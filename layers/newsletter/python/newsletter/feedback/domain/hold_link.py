"""An editor's link that ends a hold of confirmations, and where that hold stands by now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from newsletter.readers.domain.confirmation_hold import ConfirmationHold
from newsletter.readers.domain.limits import Lane


def notice_name(lane: Lane) -> str:
    """Return what the report queue is asked for, so that editors are mailed about the hold of this lane."""
    return f"held confirmations {lane}"


NOTICES = {notice_name(lane): lane for lane in Lane}
"""The lane, by what the queue is asked for; no send has a space in its name."""


class HoldOutcome(StrEnum):
    """Where the hold stands that a link speaks of."""

    HELD = "held"
    RELEASED = "released"
    """By this press of the button."""
    OVER = "over"
    """It ended by itself, or somebody ended it."""
    NEWER = "newer"
    """The lane is held, but since a later moment: the newest email has a button for that."""

    @property
    def refused(self) -> bool:
        """Whether an editor who pressed the button did not get what they wanted."""
        return self is HoldOutcome.NEWER


@dataclass(frozen=True, slots=True)
class HoldLink:
    """Which hold a link ends: that of this lane since this moment, and no later one."""

    lane: Lane
    held_at: datetime

    def outcome(self, confirmation_hold: ConfirmationHold, now: datetime) -> HoldOutcome:
        """Return where it stands, by what is stored of its lane."""
        if not confirmation_hold.holds(now):
            return HoldOutcome.OVER
        return HoldOutcome.HELD if confirmation_hold.held_at == self.held_at else HoldOutcome.NEWER
