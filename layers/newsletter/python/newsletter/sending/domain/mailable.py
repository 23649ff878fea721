"""Whether a reader may be mailed an issue at this moment, by the reader's record."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.sending.domain.outcome import Outcome


def reason_not_to_mail(subscriber: Subscriber | None, *, topics: Collection[str], today: date) -> Outcome | None:
    """Return the outcome of whoever may not be mailed; None if they may.

    The record alone is asked: who is suppressed has no record, or one that says so, or one that is not confirmed.
    """
    if subscriber is None:
        return Outcome.ERASED
    if subscriber.status is Status.UNSUBSCRIBED:
        return Outcome.LEFT
    if subscriber.status is not Status.CONFIRMED:
        return Outcome.UNCONFIRMED
    if subscriber.suppressed:
        return Outcome.SUPPRESSED
    if subscriber.is_resting(today):
        return Outcome.PAUSED
    return Outcome.MUTED if subscriber.has_muted(topics) else None
