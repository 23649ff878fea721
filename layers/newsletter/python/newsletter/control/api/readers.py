"""A reader as programs see one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from newsletter.core.audience.reading_rhythm import ReadingRhythm
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.domain.suppression import Suppression, SuppressionReason


@dataclass(frozen=True, slots=True)
class FieldAnswer:
    """What a reader answered to one of the publisher's fields."""

    field: str
    """Its key in `settings/fields.yaml`; one that is gone from there may still have answers."""
    answer: str


@dataclass(frozen=True, slots=True)
class SubscriberShown:
    """A reader on record."""

    id: str
    """Of the address: the same for as long as the stack stands, and nobody reads the address from it."""
    email: str
    name: str
    """May be empty."""
    status: Status
    """Whether they confirmed; only `confirmed` readers are mailed."""
    lang: str
    """The language of emails to them; empty for the newsletter's own."""
    source: str
    """Where they signed up."""
    signed_up_at: datetime
    confirmed_at: datetime | None
    left_at: datetime | None
    left_because: str
    paused_until: date | None
    """They want nothing before this day."""
    rhythm: ReadingRhythm
    """How often they want to hear from us: of every issue, or by one digest a month."""
    muted_topics: tuple[str, ...]
    tags: tuple[str, ...]
    answers: tuple[FieldAnswer, ...]
    suppressed: bool
    """Whether the address must not be mailed, whatever the status says."""


@dataclass(frozen=True, slots=True)
class SuppressionShown:
    """An address that must not be mailed."""

    id: str
    """Of the address; the address itself may not be kept."""
    reason: SuppressionReason
    since: datetime
    issue: str
    """The slug of the issue that brought it to light; may be empty."""
    note: str
    """What whoever suppressed it said; may be empty."""


def subscriber_shown(subscriber: Subscriber) -> SubscriberShown:
    """Return what a program sees of a reader; the receipt of their consent is in the export."""
    return SubscriberShown(
        subscriber.subscriber_id,
        subscriber.email,
        subscriber.name,
        subscriber.status,
        subscriber.lang,
        subscriber.source,
        subscriber.signed_up_at,
        subscriber.confirmed_at,
        subscriber.left_at,
        subscriber.left_because,
        subscriber.rests_until,
        subscriber.reading_rhythm,
        subscriber.muted_topics,
        tuple(sorted(subscriber.tags)),
        tuple(FieldAnswer(key, answer) for key, answer in sorted(subscriber.fields.items())),
        subscriber.suppressed,
    )


def suppression_shown(suppression: Suppression) -> SuppressionShown:
    """Return what a program sees of a suppression."""
    return SuppressionShown(
        suppression.subscriber_id, suppression.reason, suppression.since, suppression.slug, suppression.note
    )
