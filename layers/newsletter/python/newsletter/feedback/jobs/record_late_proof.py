"""Counting late proof into the books: SES took a message whose reader was given up as unproven, perhaps days ago."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.errors import StoreBusyError, UnreadableBatchError
from newsletter.feedback.domain.feedback import PROOF_OF_ACCEPTANCE, FeedbackEvent
from newsletter.sending.domain.batch import batch_of_part
from newsletter.sending.domain.send import Send
from newsletter.sending.ports import SendQueues, SendStore

LATE = timedelta(minutes=1)
"""Nobody is given up sooner after a call: its worker could be alive. Most reports come within half a minute."""


def record_late_proof(
    events: Iterable[FeedbackEvent], *, sends: SendStore, queues: SendQueues, now: datetime
) -> set[FeedbackEvent]:
    """Turn `unproven` into `sent`; closed books are opened, counted from the outcomes and closed again by settle.

    Repeated: the second time nobody is unproven. A batch that cannot be read keeps no event back: whoever repairs it
    asks the evidence.

    Returns:
        The events to deliver again.
    """
    late: dict[tuple[str, str], list[FeedbackEvent]] = defaultdict(list)
    for event in events:
        if event.of_an_issue and event.kind in PROOF_OF_ACCEPTANCE and now - event.mailed_at >= LATE:
            late[event.slug, batch_of_part(event.part)].append(event)
    failed: set[FeedbackEvent] = set()
    for (slug, after), about in late.items():
        try:
            _prove(slug, after, {event.subscriber_id for event in about}, sends, queues, now)
        except UnreadableBatchError:
            continue
        except StoreBusyError:
            failed.update(about)
    return failed


def _prove(
    slug: str, after: str, subscriber_ids: Collection[str], sends: SendStore, queues: SendQueues, now: datetime
) -> None:
    def attempt() -> Literal[Race.LOST] | None:
        batch = sends.batch(slug, after)
        if batch is None or batch.in_doubt:  # settle asks the evidence before it closes the books
            return None
        proved = batch.proved(subscriber_ids, now=now)
        if proved is None:
            return None
        # Before, in case this is cut off behind the batch; and behind, in case the books were closed in between.
        sends.change(slug, Send.to_be_counted_again)
        if not sends.replace(batch, proved):
            return LOST
        sends.change(slug, Send.to_be_counted_again)
        queues.settle(slug)
        return None

    win(attempt, busy=f"a batch of {slug} is in other hands at this moment; the event will come again")
