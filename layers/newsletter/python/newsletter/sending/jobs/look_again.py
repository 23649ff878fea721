"""A send that is under way is looked at again and again: by one chain of looks, however many ask for one more."""

from __future__ import annotations

from datetime import datetime, timedelta

from newsletter.sending.domain.send import Send, SendState
from newsletter.sending.ports import SendQueues, SendStore

EARLY = timedelta(seconds=5)
"""The clocks of two functions differ a little: a look that is due comes so much before its time at most."""


def look_again(send: Send, *, sends: SendStore, queues: SendQueues, every: timedelta, now: datetime) -> bool:
    """Ask for the next look at a send that is not through, unless one is booked already; return whether it was asked.

    Should the asking be cut off behind the booking, the next look of the clock finds the booked moment over.
    """
    if send.state not in (SendState.OPEN, SendState.CANCELLING):
        return False
    if not sends.book_look(send.slug, now + every, soon=now + min(every / 2, EARLY)):
        return False
    queues.settle(send.slug, delay=int(every.total_seconds()))
    return True
