"""Ending a hold of confirmations by an editor's link."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from newsletter.feedback.domain.hold_link import HoldLink, HoldOutcome
from newsletter.feedback.ports import ConfirmationWatch
from newsletter.readers.domain.limits import Lane


def release_hold(hold_link: HoldLink, *, watches: Mapping[Lane, ConfirmationWatch], now: datetime) -> HoldOutcome:
    """Let the lane go on, if it is held by the very hold that the link speaks of; return where that stands now.

    Pressed twice, it ends one hold once: a later one has evidence of its own, which whoever pressed has not seen.

    Raises:
        StoreBusyError: Nothing was changed; press again.
    """
    watch = watches[hold_link.lane]
    outcome = hold_link.outcome(watch.get(), now)
    if outcome is not HoldOutcome.HELD:
        return outcome
    if watch.release(now=now, held_at=hold_link.held_at):
        return HoldOutcome.RELEASED
    return hold_link.outcome(watch.get(), now)  # somebody else pressed, or it was held anew, in this very moment
