"""What the records of the list show: whether receipts hold, who left in a year, and what should be forgotten by now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.retention import is_to_be_forgotten, moment_of_leaving
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.domain.takeover import IMPORTED

if TYPE_CHECKING:
    from newsletter.wiring import App

A_NIGHT_OR_TWO = timedelta(days=2)
"""What was due only lately is not overdue: the clock strikes once a night, and DynamoDB takes about two days."""


@dataclass(frozen=True, slots=True)
class Span:
    """A year, from its first moment to before the first of the next."""

    since: datetime
    until: datetime

    def __contains__(self, moment: datetime | None) -> bool:
        """Return whether the moment falls into it."""
        return moment is not None and self.since <= moment < self.until


@dataclass
class Receipts:
    """Receipts of consent, with their seals checked."""

    good: int = 0
    imported: int = 0
    """Of the good ones, those that hold another system's evidence."""
    broken: list[str] = field(default_factory=list)
    """Ids of those that were changed after they were sealed."""
    missing: list[str] = field(default_factory=list)
    """Ids of readers without one."""

    def check(self, subscriber_id: str, consent: Consent | None, key: str) -> None:
        """Add one."""
        if consent is None or consent.confirmed_at is None:
            self.missing.append(subscriber_id)
        elif not consent.holds(key):
            self.broken.append(subscriber_id)
        else:
            self.good += 1
            self.imported += consent.form_version == IMPORTED

    def as_plain(self) -> dict[str, Any]:
        """Return the counts, and the ids that somebody has to look at."""
        return {
            "good": self.good, "of_them_imported": self.imported, "broken": len(self.broken),
            "missing": len(self.missing), "broken_ids": sorted(self.broken), "missing_ids": sorted(self.missing),
        }  # fmt: skip


@dataclass
class PeopleFacts:
    """Everything that one pass over the list brings."""

    readers: Receipts = field(default_factory=Receipts)
    """Of people who are on the list."""
    kept: Receipts = field(default_factory=Receipts)
    """Of people who left and were forgotten."""
    sign_ups: int = 0
    """Asked for in the year, as far as a receipt of it is left."""
    confirmations: int = 0
    """The same, pressed in the year."""
    left: dict[str, datetime] = field(default_factory=dict)
    """Who left in the year and has not come back, and when."""
    overdue: dict[str, int] = field(default_factory=dict)
    """What should be gone by now, and is not."""


def people_facts(app: App, year: Span, *, now: datetime) -> PeopleFacts:
    """Read every record and every kept receipt once."""
    facts = PeopleFacts(overdue=dict.fromkeys(("people who left", "sign-ups nobody confirmed", "kept receipts"), 0))
    for subscriber in app.subscribers.everyone():
        _add(facts, subscriber, app, year, now=now)
    for receipt in app.leavers.receipts():
        facts.kept.check(receipt.subscriber_id, receipt.consent, app.address_key)
        _count_consent(facts, receipt.consent, year)
        facts.overdue["kept receipts"] += receipt.expires_at < now - A_NIGHT_OR_TWO
    return facts


def _add(facts: PeopleFacts, subscriber: Subscriber, app: App, year: Span, *, now: datetime) -> None:
    lately = now - A_NIGHT_OR_TWO
    policy = app.retention_policy
    if subscriber.status is Status.CONFIRMED:
        facts.readers.check(subscriber.subscriber_id, subscriber.consent, app.address_key)
    elif subscriber.left_at is None and subscriber.status is Status.UNCONFIRMED:
        expired = subscriber.signed_up_at < policy.signed_up_before(lately)
        facts.overdue["sign-ups nobody confirmed"] += expired
    elif not subscriber.moved_to and (left_at := moment_of_leaving(subscriber)) in year:
        facts.left[subscriber.subscriber_id] = left_at
    facts.overdue["people who left"] += is_to_be_forgotten(subscriber, policy, now=lately)
    if subscriber.consent is not None:
        _count_consent(facts, subscriber.consent, year)


def _count_consent(facts: PeopleFacts, consent: Consent, year: Span) -> None:
    facts.sign_ups += consent.asked_at in year
    facts.confirmations += consent.confirmed_at in year
