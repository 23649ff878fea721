"""Batches put back from a backup while their send is open: nobody in them is mailed without a person's word."""

from __future__ import annotations

from newsletter.sending.domain.answer import Pause
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.send import PausedBy, Send

RESTORED = Pause(
    PausedBy.RECORD,
    "SES has reported messages to readers who never had a try by our records: a part of the send was put back from a"
    " backup. Resume the send to go on; whoever is known to have got the issue is not mailed again. What SES reported"
    " later than the backup counts, and what it never reported cannot be known.",
)
"""Also the sentence that editors and operators read."""


def looks_restored(held: Batch, accepted: frozenset[str], send: Send) -> bool:
    """Return whether SES knows of an attempt at this batch that the batch itself does not.

    Every attempt is counted in the write that claims the batch, so only an older copy can know of none. A person who
    resumes the send has seen that; from then on the evidence alone decides who is mailed.
    """
    return held.attempts == 1 and not send.restored_known and not accepted.isdisjoint(held.waiting)
