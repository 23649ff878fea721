"""SES accepted a message and then refused it after all: it found a virus, or could not fill in the variables."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from newsletter.errors import StoreBusyError
from newsletter.sending.domain.batch import BatchState
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Send
from newsletter.sending.ports import SendQueues, SendStore

TRIES = 5


def record_refusal(
    slug: str,
    after: str,
    who: Collection[str],
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
    for _ in range(TRIES):
        batch = sends.batch(slug, after)
        if batch is None:
            return
        refused = batch.refused(who, outcome, now=now)
        if refused is not None and not sends.replace(batch, refused):
            continue
        if refused is None and batch.state is BatchState.CLAIMED:
            break
        if refused is not None or set(batch.with_outcome(outcome)) & set(who):
            # Also when the outcome was on record: the run that wrote it may have been cut off right here.
            send = sends.change(slug, Send.to_be_counted_again)
            # Each look asks for the next, and that for each of a thousand events: only books that were closed need it,
            # since an open send is looked after anyway.
            if send is not None and send.books is not None:
                queues.settle(slug)
        return
    raise StoreBusyError(f"a batch of {slug} is in other hands at this moment; the event will come again")
