"""An operator's decision that an address is never to be mailed."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.core.text import one_line
from newsletter.errors import InvalidNoteError
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.readers.ports import SubscriberStore, SuppressionStore

LONGEST_NOTE = 200
"""Characters of the operator's words."""


def suppress(
    subscriber_id: str, *, because: str, subscribers: SubscriberStore, suppressions: SuppressionStore, now: datetime
) -> None:
    """Suppress a mailbox, and take its owner out of the audience; the first reason stays.

    Raises:
        InvalidNoteError: The reason names an address, and no address may stay behind.
        StoreBusyError: Nothing was changed; the same call can work later.
    """
    note = one_line(because)[:LONGEST_NOTE]
    if not note or "@" in note:
        raise InvalidNoteError("Say why in a few words that hold no address: the address itself is not kept.")
    suppression = Suppression(subscriber_id, SuppressionReason.MANUAL, now, note=note)

    def attempt() -> Literal[Race.LOST] | None:
        return None if suppressions.suppress(suppression, subscribers.get(subscriber_id)) else LOST

    win(attempt, busy="The record is being changed at the same moment. Run the command again.")
