"""What one look at a batch led to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class BatchResult(StrEnum):
    """What one look at a batch led to, as it stands in the log."""

    DONE = "done"
    IN_DOUBT = "in_doubt"
    """SES gave no clear answer for somebody, and nobody waits."""
    PLANNED = "planned"
    """Somebody waits still; the batch is queued again, unless the send is held."""

    SEND_PAUSED = "send is paused"
    SEND_CANCELLING = "send is cancelling"
    SEND_CLOSED = "send is closed"
    BATCH_CLAIMED = "batch is claimed"
    BATCH_IN_DOUBT = "batch is in_doubt"
    BATCH_DONE = "batch is done"
    """The message came twice, or late; nothing was done."""
    NO_ROOM = "no room"
    """Other workers have booked the rate; the batch is queued again."""
    HELD_MEANWHILE = "send was held while the batch waited for room"
    CLAIMED_BY_ANOTHER = "claimed by another worker"
    CLAIM_LOST = "the claim was taken away while SES was asked"
    UNREADABLE = "batch is unreadable"


@dataclass(frozen=True, slots=True)
class Handed:
    """The result of one look at a batch: ids and numbers for the log."""

    result: BatchResult
    sent: int = 0
    waiting: int = 0
