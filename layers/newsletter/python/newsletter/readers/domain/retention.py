"""How long we remember people who left: when their record becomes a tombstone, and what a tombstone keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.subscriber import Status, Subscriber

YEAR = timedelta(days=366)
"""Of the years that a receipt is kept: never a day too short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """The parameters that say how long we remember whom."""

    forget_after_days: int = 30
    """Days after the leaving; 0 is never."""
    unconfirmed_days: int = 30
    """Days that a sign-up waits for its confirmation."""
    keep_receipts_years: int = 6
    """How long the receipt of a consent is kept, without the address, after its owner left; 0 is not at all."""

    def left_before(self, now: datetime) -> datetime | None:
        """Return the moment before which whoever left is forgotten by now; None if nobody ever is."""
        return now - timedelta(days=self.forget_after_days) if self.forget_after_days else None

    def signed_up_before(self, now: datetime) -> datetime:
        """Return the moment before which a sign-up that nobody confirmed is over by now."""
        return now - timedelta(days=self.unconfirmed_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReceipt:
    """The receipt of a consent whose owner has left: no address, only the keyed hash that it is found by."""

    subscriber_id: str
    consent: Consent
    left_at: datetime
    expires_at: datetime


def moment_of_leaving(subscriber: Subscriber) -> datetime:
    """Return when a subscriber left.

    Old records do not all say so. Then it is the last moment that they do say: nothing happened after it.
    """
    known = (
        subscriber.signed_up_at, subscriber.confirmation_sent_at, subscriber.reminded_at, subscriber.confirmed_at,
        subscriber.last_notice_at,
    )  # fmt: skip
    return subscriber.left_at or max(moment for moment in known if moment is not None)


def is_to_be_forgotten(subscriber: Subscriber, retention: RetentionPolicy, *, now: datetime) -> bool:
    """Return whether a record still holds an address, and should not any more.

    That is whoever left, and whoever had left and was signed up again by somebody, when nobody confirms it: such a
    sign-up does not expire by itself, because the record must go on saying that they left.
    """
    left_before = retention.left_before(now)
    if left_before is None or not subscriber.email or subscriber.status is Status.CONFIRMED:
        return False
    if moment_of_leaving(subscriber) > left_before:
        return False
    if subscriber.status is Status.UNCONFIRMED:
        waits = any(not sign_up.is_dead(now) for sign_up in subscriber.pending)
        old = subscriber.signed_up_at <= retention.signed_up_before(now) and not waits
        return subscriber.left_at is not None and old
    return True


def tombstone(subscriber: Subscriber) -> Subscriber:
    """Return what stays of a record: that this keyed hash left and when, and what old links to leave need.

    Where links of earlier addresses lead stays too, so that an erasure finds them all.
    """
    left_at = moment_of_leaving(subscriber)
    return Subscriber(
        subscriber_id=subscriber.subscriber_id,
        email="",
        status=Status.UNSUBSCRIBED,
        signed_up_at=left_at,
        left_at=left_at,
        links_since=subscriber.links_since,
        came_from=subscriber.came_from,
        moved_to=subscriber.moved_to,
        suppressed=subscriber.suppressed,
        version=subscriber.version,
    )


def kept_receipt(subscriber: Subscriber, retention: RetentionPolicy) -> KeptReceipt | None:
    """Return the receipt to keep apart from the record; None without a completed one, or where none is to be kept."""
    consent = subscriber.consent
    if consent is None or consent.confirmed_at is None or not retention.keep_receipts_years:
        return None
    left_at = moment_of_leaving(subscriber)
    return KeptReceipt(
        subscriber_id=subscriber.subscriber_id,
        consent=consent,
        left_at=left_at,
        expires_at=left_at + retention.keep_receipts_years * YEAR,
    )
