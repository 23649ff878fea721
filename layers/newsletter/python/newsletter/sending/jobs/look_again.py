"""A send that is under way is looked at again and again: by one chain of looks, however many ask for one more."""

from __future__ import annotations

from datetime import datetime, timedelta

from newsletter.sending.domain.next_look import next_look
from newsletter.sending.domain.send import Send
from newsletter.sending.ports import SendQueues, SendStore

EARLY = timedelta(seconds=5)
"""The clocks of two functions differ a little: a look that is due comes so much before its time at most."""


def look_again(send: Send, *, sends: SendStore, queues: SendQueues, every: timedelta, now: datetime) -> Send:
    """Ask for the next look at a send that needs one, unless one is booked already; return the send.

    Should the asking be cut off behind the booking, the next look of the clock finds the booked moment over.
    """
    wait = next_look(send, every=every, now=now)
    if wait is not None and sends.book_look(send.slug, now + wait, soon=now + min(wait / 2, EARLY)):
        queues.settle(send.slug, delay=int(wait.total_seconds()))
    return send
