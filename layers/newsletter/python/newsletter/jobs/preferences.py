"""A subscriber's own page: what we hold, a change of name, a copy to take along, erasure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from newsletter.domain.link_token import Token
from newsletter.domain.subscriber import Subscriber, clean_name
from newsletter.domain.suppression import Suppression, SuppressionReason
from newsletter.errors import ExpiredTokenError, StoreBusyError
from newsletter.ports import SubscriberStore, SuppressionStore

TRIES = 10


def show(token: Token, *, subscribers: SubscriberStore) -> Subscriber:
    """Return what we hold.

    Raises:
        ExpiredTokenError: We hold nothing: erased, or never confirmed.
    """
    known = subscribers.get(token.subscriber_id)
    if known is None:
        raise ExpiredTokenError("we hold nothing about this address any more; sign up again if you like")
    return known


def rename(token: Token, name: str, *, subscribers: SubscriberStore) -> Subscriber:
    """Change the name we greet with.

    Raises:
        ExpiredTokenError: We hold nothing.
        StoreBusyError: Not changed; try again.
    """
    for _ in range(TRIES):
        after = replace(show(token, subscribers=subscribers), name=clean_name(name))
        if subscribers.save(after):
            return after
    raise StoreBusyError("the change could not be recorded; try again in a minute")


def erase(token: Token, *, subscribers: SubscriberStore, suppressions: SuppressionStore, now: datetime) -> bool:
    """Forget the subscriber and keep only a keyed hash that says not to mail; return whether there was one.

    The tombstone is written first: if we stop between the two writes, the address is not mailed, and the second
    click finishes the work.

    Raises:
        StoreBusyError: Not erased; try again.
    """
    who = token.subscriber_id
    for _ in range(TRIES):
        known = subscribers.get(who)
        if known is None:
            return False
        suppressions.add(Suppression(who, SuppressionReason.ERASED, now))
        if subscribers.erase(known):
            return True
    raise StoreBusyError("the erasure could not be recorded; try again in a minute")
