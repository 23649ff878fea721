"""An operator's decision that an address is never to be mailed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from newsletter.domain.personal import one_line
from newsletter.domain.suppression import Suppression, SuppressionReason
from newsletter.errors import InvalidRequestError, StoreBusyError
from newsletter.ports import SubscriberStore, SuppressionStore

TRIES = 10
LONGEST_NOTE = 200
"""Characters of the operator's words."""


def suppress(
    who: str, *, because: str, subscribers: SubscriberStore, suppressions: SuppressionStore, now: datetime
) -> None:
    """Suppress a mailbox, and take its owner out of the audience; the first reason stays.

    Raises:
        InvalidRequestError: The reason names an address, and no address may stay behind.
        StoreBusyError: Suppressed, but still counted in the audience; the same call again finishes the work.
    """
    note = one_line(because)[:LONGEST_NOTE]
    if not note or "@" in note:
        raise InvalidRequestError("Say why in a few words that hold no address: the address itself is not kept.")
    # Suppressed first: whoever stops between the two writes mails nobody.
    suppressions.add(Suppression(who, SuppressionReason.MANUAL, now, note=note))
    for _ in range(TRIES):
        known = subscribers.get(who)
        if known is None or known.suppressed or subscribers.save(replace(known, suppressed=True)):
            return
    raise StoreBusyError("The address is suppressed, but its record is being changed. Run the command again.")
