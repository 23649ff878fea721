"""Taking over one subscriber from another system: only with evidence of consent, never against a leaving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from newsletter.domain.consent import Consent
from newsletter.domain.subscriber import Status, Subscriber, clean_name
from newsletter.ports import Addresses, SubscriberStore, SuppressionStore


class Imported(StrEnum):
    """What became of one row."""

    ADDED = "added"
    ALREADY_HERE = "already_here"
    LEFT = "left"
    """Unsubscribed here: only the person themself can come back."""
    SUPPRESSED = "suppressed"
    """Bounced, complained, or asked to be forgotten."""
    NO_EVIDENCE = "no_evidence"
    """The row does not say when and where the person consented."""


@dataclass(frozen=True, slots=True)
class Row:
    """One subscriber of another system, and the evidence of consent it kept."""

    email: str
    name: str
    confirmed_at: datetime | None
    source: str


def import_subscriber(
    row: Row,
    *,
    addresses: Addresses,
    subscribers: SubscriberStore,
    suppressions: SuppressionStore,
    seal_key: str,
    now: datetime,
) -> Imported:
    """Add one subscriber as confirmed, with the other system's evidence as the receipt.

    Raises:
        InvalidEmailError: The address cannot be an address.
    """
    mailbox = addresses.mailbox(row.email)
    who = addresses.subscriber_id(mailbox)
    if row.confirmed_at is None or not row.source:
        return Imported.NO_EVIDENCE
    if suppressions.get(who) is not None:
        return Imported.SUPPRESSED
    known = subscribers.get(who)
    if known is not None and known.status is Status.UNSUBSCRIBED:
        return Imported.LEFT
    if known is not None:
        return Imported.ALREADY_HERE
    consent = Consent(
        asked_at=row.confirmed_at, page=row.source, words="", form_version="imported", confirmed_at=row.confirmed_at
    )
    added = suppressions.admit(
        Subscriber(
            subscriber_id=who,
            email=mailbox.email,
            status=Status.CONFIRMED,
            signed_up_at=now,
            confirmed_at=row.confirmed_at,
            name=clean_name(row.name),
            source=row.source,
            consent=consent.sealed(seal_key),
        )
    )
    return Imported.ADDED if added else Imported.ALREADY_HERE
