"""Lifting a suppression: an operator decides that an address may be mailed again."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.errors import InvalidRequestError
from newsletter.feedback.ports import SuppressionList
from newsletter.readers.domain.suppression import SuppressionReason
from newsletter.readers.ports import SubscriberStore, SuppressionStore


def check_may_be_lifted(reason: SuppressionReason, *, their_word: bool) -> None:
    """Refuse to lift what only the owner of the address can.

    Args:
        reason: Why the address is not mailed.
        their_word: Whether somebody who complained has asked in writing to come back.

    Raises:
        InvalidRequestError: With the reason.
    """
    if reason is SuppressionReason.ERASED:
        raise InvalidRequestError("They asked to be forgotten. Only they themselves can come back, by signing up.")
    if reason is SuppressionReason.COMPLAINT and not their_word:
        raise InvalidRequestError(
            "They complained. Lift it only if they have asked in writing to come back; another complaint counts "
            "against everybody's email."
        )


def lift_suppression(
    subscriber_id: str,
    email: str,
    *,
    subscribers: SubscriberStore,
    suppressions: SuppressionStore,
    provider: SuppressionList,
) -> None:
    """Lift a suppression everywhere, and let its owner into the audience again if they are confirmed.

    The provider's list goes first: an address that stands there alone would come back into ours. What it bounced before
    is forgotten, or its next bounce would be one too many.

    Raises:
        AccountUnknownError: Nothing was changed.
        StoreBusyError: Lifted at the provider alone; the same call again finishes the work.
    """
    before = subscribers.get(subscriber_id)
    provider.remove(before.email if before and before.email else email)  # as it was written to, letter by letter

    def attempt() -> Literal[Race.LOST] | None:
        subscriber = subscribers.get(subscriber_id)
        if subscriber is None:
            suppressions.lift(subscriber_id)
            return None
        # What we asked by a mail that bounced was not heard: no silence may follow from it.
        freed = replace(subscriber, suppressed=False, soft_bounces=(), renewal_asked_at=None)
        return None if suppressions.free(freed) else LOST

    win(attempt, busy="The record is being changed at the same moment. Run the command again.")
