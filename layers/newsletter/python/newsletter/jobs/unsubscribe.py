"""Leaving: one click, at any age of the link, and honoured even in the middle of a send."""

from __future__ import annotations

from datetime import datetime

from newsletter.domain.link_token import Token
from newsletter.domain.subscriber import leave
from newsletter.errors import StoreBusyError
from newsletter.ports import SubscriberStore

TRIES = 10
"""Leaving must win against whatever else happens to the record at that moment."""


def unsubscribe(token: Token, *, subscribers: SubscriberStore, now: datetime) -> bool:
    """Record the leaving; return whether it changed anything. Somebody we do not know has left already.

    Raises:
        StoreBusyError: Not recorded; the reader must be told so, and may try again.
    """
    for _ in range(TRIES):
        known = subscribers.get(token.subscriber_id)
        if known is None:
            return False
        after = leave(known, now=now)
        if after is known:
            return False
        if subscribers.save(after):
            return True
    raise StoreBusyError("your leaving could not be recorded; try again in a minute")
