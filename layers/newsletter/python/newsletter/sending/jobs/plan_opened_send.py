"""The page of an issue stands: the planners of its open send are woken."""

from __future__ import annotations

from newsletter.readers.domain.shard import shards
from newsletter.sending.domain.send import SendState
from newsletter.sending.ports import SendQueues, SendStore


def plan_opened_send(slug: str, *, sends: SendStore, queues: SendQueues) -> bool:
    """Wake every planner of the send if it is open; done twice, nothing is planned twice.

    Returns:
        Whether there was anything to wake: a send that is held, closed or was never opened sleeps on.
    """
    send = sends.get(slug)
    if send is None or send.state is not SendState.OPEN:
        return False
    queues.plan(slug, shards(send.shards))
    return True
