"""Correcting an outcome: SES accepted a message and refused it after all, for a virus or a missing variable."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.errors import StoreBusyError
from newsletter.sending.domain.batch import BatchState
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Send
from newsletter.sending.ports import SendQueues, SendStore


def record_refusal(
    slug: str,
    after: str,
    subscriber_ids: Collection[str],
    outcome: Outcome,
    *,
    sends: SendStore,
    queues: SendQueues,
    now: datetime,
) -> None:
    """Turn `sent` into this failure; closed books are opened, counted from the outcomes and closed again by settle.

    Repeated: the second time nothing changes. An event about a batch we do not know is not ours, and changes nothing.

    Raises:
        StoreBusyError: A worker holds the batch, or others change it; deliver the event again.
    """
    busy = f"a batch of {slug} is in other hands at this moment; the event will come again"

    def attempt() -> Literal[Race.LOST] | None:
        batch = sends.batch(slug, after)
        if batch is None:
            return None
        refused = batch.refused(subscriber_ids, outcome, now=now)
        if refused is not None and not sends.replace(batch, refused):
            return LOST
        if refused is None and batch.state is BatchState.CLAIMED:
            raise StoreBusyError(busy)
        if refused is not None or set(batch.with_outcome(outcome)) & set(subscriber_ids):
            # Also when the outcome was on record: the run that wrote it may have been cut off right here.
            send = sends.change(slug, Send.to_be_counted_again)
            # Each look asks for the next, and that for each of a thousand events: only books that were closed need it,
            # since an open send is looked after anyway.
            if send is not None and send.books is not None:
                queues.settle(slug)
        return None

    win(attempt, busy=busy)
