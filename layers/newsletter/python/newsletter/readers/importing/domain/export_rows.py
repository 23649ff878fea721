"""People and suppressions as a file gives them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from newsletter.core.reader_fields.reader_field import FORM_PREFIX, ReaderField
from newsletter.readers.domain.subscriber import Subscriber
from newsletter.readers.domain.suppression import Suppression

OF_PEOPLE = (
    "email", "name", "status", "lang", "muted_topics", "tags", "rhythm", "signed_up_at", "confirmed_at", "left_at",
    "source", "consent_asked_at", "consent_confirmed_at", "consent_page", "consent_words", "consent_form_version",
    "consent_network", "consent_confirmed_network", "consent_seal",
)  # fmt: skip
OF_SUPPRESSIONS = ("subscriber_id", "email", "reason", "since", "slug", "note")


def headings_of_people(reader_fields: Sequence[ReaderField]) -> tuple[str, ...]:
    """Return the columns of a file of people; behind those that every list has, what the publisher asks."""
    return (*OF_PEOPLE, *(each.form_name for each in reader_fields))


def shown_status(subscriber: Subscriber) -> str:
    """Return the status in one word; `suppressed` for whoever would be in the audience if they were not."""
    return "suppressed" if subscriber.suppressed else str(subscriber.status)


def person_row(subscriber: Subscriber) -> dict[str, Any]:
    """Return what a file says about somebody, with the receipt of their consent."""
    consent = subscriber.consent.as_held() if subscriber.consent else {}
    held = {
        **subscriber.as_held(),
        "status": shown_status(subscriber),
        "muted_topics": " ".join(subscriber.muted_topics),
        **{f"{FORM_PREFIX}{key}": value for key, value in subscriber.fields.items()},
        "tags": ", ".join(sorted(subscriber.tags)),
    }
    return {**held, **{f"consent_{name}": value for name, value in consent.items()}}


def suppression_row(suppression: Suppression, subscriber: Subscriber | None) -> dict[str, str]:
    """Return what a file says about a suppression; the address only where there still is a record."""
    said = {
        "subscriber_id": suppression.subscriber_id,
        "reason": str(suppression.reason),
        "since": suppression.since.isoformat(),
        "slug": suppression.slug,
        "note": suppression.note,
        "email": subscriber.email if subscriber else "",
    }
    return {name: value for name, value in said.items() if value}
