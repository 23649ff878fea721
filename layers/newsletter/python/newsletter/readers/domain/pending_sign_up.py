"""Sign-ups of one mailbox that wait to be confirmed, side by side: none overwrites another.

Anybody can type anybody's address into a form. Each sign-up has a number, the link that is mailed for it carries that
number, and pressing its button confirms exactly that one: its name, its language, its receipt. The first is the record
itself and has the number 0, as every record of version 1.0 has; those that follow are kept beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from newsletter.core.reader_fields.answers import NO_VALUES
from newsletter.readers.domain.consent import Consent

MOST_PENDING = 5
"""Sign-ups that are kept beside the first. A mailbox gets three emails a day that it did not ask for, so whoever fills
these places up gains nothing; one more sign-up then gets a link to the first."""

DEAD_AFTER = timedelta(days=30)
"""A link confirms for seven days, and its email may wait in the queue for fourteen: after this none works any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingSignUp:
    """One sign-up, as its form said."""

    number: int = 0
    consent: Consent | None
    """The receipt, not complete yet. None only for records that were made by hand."""
    name: str = ""
    lang: str = ""
    fields: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What the form said of the publisher's fields, by key."""

    def is_dead(self, now: datetime) -> bool:
        """Return whether no link that was mailed for it can work any more."""
        return self.consent is None or now - self.consent.asked_at > DEAD_AFTER

    def as_held(self) -> dict[str, Any]:
        """Return it for the table. Shape: {"number", "consent", "name", "lang", "fields"}, without empty ones."""
        held = {"number": self.number, "consent": self.consent and self.consent.as_held()}
        said = {"name": self.name, "lang": self.lang, "fields": dict(self.fields)}
        return held | {word: value for word, value in said.items() if value}

    @classmethod
    def from_held(cls, plain: dict[str, Any]) -> PendingSignUp:
        """Return the sign-up that `as_held` wrote."""
        consent = Consent.from_held(plain["consent"])
        return cls(
            number=int(plain["number"]),
            consent=consent,
            name=plain.get("name", ""),
            lang=plain.get("lang", ""),
            fields={key: str(value) for key, value in plain.get("fields", {}).items()},
        )


def with_another(
    pending: tuple[PendingSignUp, ...],
    *,
    name: str,
    lang: str,
    consent: Consent,
    fields: Mapping[str, str] = NO_VALUES,
) -> tuple[PendingSignUp, ...]:
    """Return the sign-ups that wait beside the first, with one more if there is room for it."""
    live = tuple(each for each in pending if not each.is_dead(consent.asked_at))
    if len(live) >= MOST_PENDING:
        return live
    number = max((each.number for each in live), default=0) + 1
    return (*live, PendingSignUp(number=number, consent=consent, name=name, lang=lang, fields=fields))
