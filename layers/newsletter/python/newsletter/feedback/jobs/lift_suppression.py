"""An operator's decision that an address may be mailed again."""

from __future__ import annotations

from dataclasses import replace

from newsletter.errors import StoreBusyError
from newsletter.feedback.ports import SuppressionList
from newsletter.readers.ports import SubscriberStore, SuppressionStore

TRIES = 10


def lift_suppression(
    who: str,
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
    before = subscribers.get(who)
    provider.remove(before.email if before and before.email else email)  # as it was written to, letter by letter
    for _ in range(TRIES):
        known = subscribers.get(who)
        if known is None:
            return suppressions.lift(who)
        if suppressions.free(replace(known, suppressed=False, soft_bounces=())):
            return None
    raise StoreBusyError("The record is being changed at the same moment. Run the command again.")
