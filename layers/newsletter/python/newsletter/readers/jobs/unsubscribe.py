"""Leaving, pausing, and taking it back: by the link in a mail, at any age of the link, wherever its owner moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from newsletter.core.link_token import Token
from newsletter.errors import ExpiredTokenError, InvalidRequestError, StoreBusyError
from newsletter.readers.domain.subscriber import LEAVING_REASONS, Status, Subscriber, leave, pause, undo_leaving
from newsletter.readers.ports import SubscriberStore

TRIES = 10
"""Leaving must win against whatever else happens to the record at that moment."""

LONGEST_TRAIL = 20
"""Changes of address that an old link follows."""


def unsubscribe(token: Token, *, subscribers: SubscriberStore, now: datetime) -> bool:
    """Record the leaving; return whether it changed anything. Somebody we do not know has left already.

    Raises:
        StoreBusyError: Not recorded; the reader must be told so, and may try again.
    """
    return _change(token, lambda known: leave(known, now=now), subscribers) is not None


def undo(token: Token, *, subscribers: SubscriberStore, now: datetime) -> Subscriber:
    """Take the leaving back, within the hour.

    Raises:
        ExpiredTokenError: Too late, or never confirmed.
        StoreBusyError: Not recorded; try again.
    """

    def taken_back(known: Subscriber) -> Subscriber:
        after = undo_leaving(known, now=now)
        if after is None:
            raise ExpiredTokenError("it is too late to take this back; sign up again, it takes a minute")
        return after

    _change(token, taken_back, subscribers)
    known = _at_the_end_of_the_trail(token, subscribers)
    if known is None:
        raise ExpiredTokenError("we hold nothing about this address any more; sign up again if you like")
    return known


def rest(token: Token, until: date | None, *, subscribers: SubscriberStore, today: date) -> date | None:
    """Keep quiet until a day (None ends the quiet); return the day that was recorded.

    Raises:
        ExpiredTokenError: Not a subscriber.
        StoreBusyError: Not recorded; try again.
    """
    recorded: list[date | None] = []

    def at_rest(known: Subscriber) -> Subscriber:
        if known.status is not Status.CONFIRMED:
            raise ExpiredTokenError("this subscription has ended, so there is nothing to pause")
        after = pause(known, until, today=today)
        recorded[:] = [after.paused_until]
        return after

    _change(token, at_rest, subscribers)
    if not recorded:
        raise ExpiredTokenError("we hold nothing about this address any more")
    return recorded[0]


def give_reason(token: Token, reason: str, *, subscribers: SubscriberStore) -> None:
    """Record the one tap of why.

    Raises:
        InvalidRequestError: Not one of the reasons we offer.
    """
    if reason not in LEAVING_REASONS:
        raise InvalidRequestError("This is not one of the reasons on the page.")

    def with_reason(known: Subscriber) -> Subscriber:
        return replace(known, left_because=reason) if known.status is Status.UNSUBSCRIBED else known

    _change(token, with_reason, subscribers)


def _change(
    token: Token, change: Callable[[Subscriber], Subscriber], subscribers: SubscriberStore
) -> Subscriber | None:
    """Return the record as it was written, or None where nothing was to be changed."""
    for _ in range(TRIES):
        known = _at_the_end_of_the_trail(token, subscribers)
        if known is None:
            return None
        after = change(known)
        if after == known:
            return None
        if subscribers.save(after):
            return after
    raise StoreBusyError("this could not be recorded; try again in a minute")


def _at_the_end_of_the_trail(token: Token, subscribers: SubscriberStore) -> Subscriber | None:
    known = subscribers.get(token.subscriber_id)
    for _ in range(LONGEST_TRAIL):
        if known is None or not known.moved_to:
            return known
        known = subscribers.get(known.moved_to)
    return known
