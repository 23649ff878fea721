"""The worker that brings the last batch of a send to its end wakes settle, so that the books close at once."""

from __future__ import annotations

from contextlib import suppress

from newsletter.errors import TransientError
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.send import Send
from newsletter.sending.ports import SendQueues, SendStore


def count_through(batch: Batch, batch_after: Batch, *, send: Send, sends: SendStore, queues: SendQueues) -> None:
    """Count a batch that came through, or that opened again, and wake settle if it was the last.

    The batch is written already. What cannot be counted, or asked, is found by the clock.
    """
    difference = batch_after.is_through - batch.is_through
    with suppress(TransientError):
        if difference and sends.count_through(batch.slug, difference).is_complete(send) and difference > 0:
            queues.settle(batch.slug)
