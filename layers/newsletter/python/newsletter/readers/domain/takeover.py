"""Taking people over from another system: only with evidence of consent, never against a leaving, here or there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from newsletter.core.audience.reading_rhythm import ReadingRhythm, month_of
from newsletter.core.text import one_line
from newsletter.readers.domain.consent import Consent, network_hash
from newsletter.readers.domain.subscriber import Status, Subscriber, clean_name, leave
from newsletter.readers.domain.suppression import SuppressionReason

IMPORTED = "imported"
"""What stands in place of the form's version in the receipt of somebody who was taken over."""


class ExternalStatus(StrEnum):
    """How the other system lists somebody."""

    SUBSCRIBED = "subscribed"
    LEFT = "left"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    SUPPRESSED = "suppressed"
    """Kept out there for a reason that its list does not say."""


SUPPRESSES = {
    ExternalStatus.BOUNCED: SuppressionReason.HARD_BOUNCE,
    ExternalStatus.COMPLAINED: SuppressionReason.COMPLAINT,
    ExternalStatus.SUPPRESSED: SuppressionReason.MANUAL,
}
"""What we remember about an address that the other system had given up."""


class Imported(StrEnum):
    """What became of one row."""

    ADDED = "added"
    ALREADY_HERE = "already_here"
    TAGGED = "tagged"
    """On the list already; the tags of the row are among theirs now, and nothing else is changed."""
    KEPT_OUT = "kept_out"
    """Left, bounced or complained there, and remembered here, so that nobody adds them later."""
    LEFT = "left"
    """Unsubscribed here: only the person themself can come back."""
    SUPPRESSED = "suppressed"
    """Bounced, complained, or asked to be forgotten."""
    OUT_THERE = "out_there"
    """Left, bounced or complained there, and nobody asked us to remember it."""
    NO_EVIDENCE = "no_evidence"
    """The row does not say when and where the person consented, or says a day that has not come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One subscriber of another system, with a checked address, and the evidence of consent it kept."""

    subscriber_id: str
    email: str
    name: str = ""
    fields: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What they answered to the publisher's fields, by key."""
    lang: str = ""
    status: ExternalStatus = ExternalStatus.SUBSCRIBED
    confirmed_at: datetime | None = None
    network: str = ""
    """The network address of the confirmation; only its keyed hash is kept."""
    left_at: datetime | None = None
    source: str = ""
    """Where the consent is from, in words."""
    tags: frozenset[str] = frozenset()
    reading_rhythm: ReadingRhythm = ReadingRhythm.EVERY_ISSUE


def judge(row: Row, existing: Subscriber | None, *, suppressed: bool, keep_out: bool, now: datetime) -> Imported:
    """Return what has to become of a row.

    Args:
        row: What the other system says.
        existing: Our record of the same mailbox.
        suppressed: Whether we must not mail this address.
        keep_out: Whether to remember who left, bounced or complained there.
        now: The moment of this import. A record that bears it was written by the same import before it was interrupted.
    """
    if suppressed:
        return Imported.SUPPRESSED
    if row.status is not ExternalStatus.SUBSCRIBED:
        return _judge_excluded(row, existing, keep_out=keep_out)
    if existing is not None and existing.status is Status.UNSUBSCRIBED:
        return Imported.LEFT
    if existing is not None:
        return Imported.ADDED if _by_this_import(existing, now) else _here_already(row)
    if row.confirmed_at is None or not row.source or row.confirmed_at > now:
        return Imported.NO_EVIDENCE
    return Imported.ADDED


def _here_already(row: Row) -> Imported:
    # Whether the tags are new does not matter: the same import, run again, gives the same account.
    return Imported.TAGGED if row.tags else Imported.ALREADY_HERE


def _judge_excluded(row: Row, existing: Subscriber | None, *, keep_out: bool) -> Imported:
    if existing is not None and existing.status is Status.UNSUBSCRIBED:
        return Imported.LEFT
    if existing is not None and not _left_later(row, existing):
        return Imported.ALREADY_HERE
    return Imported.KEPT_OUT if keep_out else Imported.OUT_THERE


def _left_later(row: Row, subscriber: Subscriber) -> bool:
    """Return whether this is newer than the consent here; an imported consent is the one they took back."""
    if subscriber.consent is not None and subscriber.consent.form_version == IMPORTED:
        return True
    since = subscriber.confirmed_at or subscriber.signed_up_at
    return row.left_at is not None and row.left_at > since


def _by_this_import(subscriber: Subscriber, now: datetime) -> bool:
    return (
        subscriber.signed_up_at == now
        and subscriber.consent is not None
        and subscriber.consent.form_version == IMPORTED
    )


def taken_over(row: Row, *, seal_key: str, now: datetime) -> Subscriber:
    """Return the confirmed subscriber whom a row describes, with the other system's evidence as the receipt."""
    assert row.confirmed_at is not None  # noqa: S101 - see `judge`
    consent = Consent(
        asked_at=row.confirmed_at,
        page=one_line(row.source),
        form_version=IMPORTED,
        network=network_hash(row.network, seal_key),
        confirmed_at=row.confirmed_at,
    )
    return Subscriber(
        subscriber_id=row.subscriber_id,
        email=row.email,
        status=Status.CONFIRMED,
        signed_up_at=now,
        confirmed_at=row.confirmed_at,
        name=clean_name(row.name),
        fields=row.fields,
        lang=row.lang,
        source=one_line(row.source),
        tags=row.tags,
        # They have had nothing yet, so it counts at once.
        digest_since=month_of(now.date()) if row.reading_rhythm is ReadingRhythm.MONTHLY else "",
        consent=consent.sealed(seal_key),
    )


def kept_out(row: Row, existing: Subscriber | None, *, now: datetime) -> Subscriber:
    """Return the record of somebody who left elsewhere: for a stranger no address and no name, only that they left."""
    if existing is not None:
        return leave(existing, now=row.left_at or now)
    stranger = Subscriber(
        subscriber_id=row.subscriber_id,
        email="",
        status=Status.UNSUBSCRIBED,
        signed_up_at=now,
        source=one_line(row.source),
    )
    return replace(stranger, left_at=row.left_at or now)
