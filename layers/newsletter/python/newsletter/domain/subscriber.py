"""A subscriber: one mailbox, its consent, and the only ways the consent can change."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from newsletter.domain.personal import one_line

ID_LENGTH = 32
"""Hexadecimal characters of a subscriber id: 128 bits, so two mailboxes never share one."""

LONGEST_NAME = 80
"""A longer name is an advertisement, and would be carried to a stranger's mailbox by our confirmation mail."""

CONFIRMATION_PAUSE = timedelta(minutes=10)
"""One confirmation mail in this time, however often the form is sent: impatient fingers and bombers look alike."""


LOOKS_LIKE_A_LINK = re.compile(r"https?:|www\.|@|\w\.\w{2,}(?:/|\b)", re.IGNORECASE)
"""Dr. J. Smith passes; cheap-pills.example does not."""


class Status(StrEnum):
    """Where a subscriber stands."""

    UNCONFIRMED = "unconfirmed"
    """Asked for the newsletter; nobody has proved yet that the mailbox is theirs."""
    CONFIRMED = "confirmed"
    """Pressed the button behind the link in the confirmation mail."""
    UNSUBSCRIBED = "unsubscribed"
    """Left. Only a new sign-up, confirmed again, leads back."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A checked address: as we write to it, and as we tell mailboxes apart."""

    email: str
    """Deliverable form: the domain in ASCII (IDNA), the local part as its owner writes it."""
    identity: str
    """Compared form: one per mailbox, without regard to case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """One mailbox on the list."""

    subscriber_id: str
    email: str
    status: Status
    signed_up_at: datetime
    name: str = ""
    source: str = ""
    """The page the sign-up came from, as the form said."""
    confirmation_sent_at: datetime | None = None
    confirmed_at: datetime | None = None
    left_at: datetime | None = None
    suppressed: bool = False
    """Kept out of the audience because the address is on the suppression list."""
    version: int = 0
    """Counts the writes; a write that expects another version is refused."""

    @property
    def in_audience(self) -> bool:
        """Whether the next issue goes to this subscriber."""
        return self.status is Status.CONFIRMED and not self.suppressed

    def as_held(self) -> dict[str, str]:
        """Return everything we hold about the person, in words they can read and take along."""
        moments = {
            "signed_up_at": self.signed_up_at,
            "confirmation_sent_at": self.confirmation_sent_at,
            "confirmed_at": self.confirmed_at,
            "left_at": self.left_at,
        }
        return {
            "email": self.email,
            "name": self.name,
            "status": str(self.status),
            "source": self.source,
            **{name: moment.isoformat() for name, moment in moments.items() if moment},
        }


def clean_name(text: str) -> str:
    """Return a name that may stand in a mail: one line, no longer than 80 characters, never a link."""
    name = one_line(text)
    return "" if LOOKS_LIKE_A_LINK.search(name) else name[:LONGEST_NAME].rstrip()


def subscriber_id(mailbox: Mailbox, key: str) -> str:
    """Return the id of a mailbox: a keyed hash, so that ids can stand in logs, queues and tags."""
    digest = hmac.new(key.encode(), mailbox.identity.encode(), hashlib.sha256)
    return digest.hexdigest()[:ID_LENGTH]


def sign_up(
    known: Subscriber | None, *, subscriber_id: str, email: str, name: str, source: str, now: datetime
) -> Subscriber:
    """Return the subscriber after a sign-up; whoever is on the list already stays as they are.

    A sign-up never confirms anybody and never changes the name of a confirmed subscriber: anyone can type
    anyone's address into a form.
    """
    if known is None:
        return Subscriber(
            subscriber_id=subscriber_id,
            email=email,
            status=Status.UNCONFIRMED,
            signed_up_at=now,
            name=name,
            source=source,
        )
    if known.status is Status.CONFIRMED:
        return known
    return replace(
        known,
        email=email,
        status=Status.UNCONFIRMED,
        name=name or known.name,
        source=source,
        signed_up_at=now,
    )


def wants_confirmation(subscriber: Subscriber, *, now: datetime) -> bool:
    """Return whether a confirmation mail is due: unconfirmed, and none was sent just before."""
    if subscriber.status is not Status.UNCONFIRMED:
        return False
    sent_at = subscriber.confirmation_sent_at
    return sent_at is None or now - sent_at >= CONFIRMATION_PAUSE


def confirm(known: Subscriber, *, link_made_at: datetime, now: datetime) -> Subscriber | None:
    """Return the subscriber after the confirm button, or None when this link no longer speaks for them.

    A link made before the subscriber last left confirms nothing: leaving is newer than the consent it carries.
    """
    if known.status is Status.CONFIRMED:
        return known
    if known.status is Status.UNSUBSCRIBED or (known.left_at and link_made_at < known.left_at):
        return None
    return replace(known, status=Status.CONFIRMED, confirmed_at=now, suppressed=False)


def leave(known: Subscriber, *, now: datetime) -> Subscriber:
    """Return the subscriber after leaving; leaving twice is leaving once."""
    if known.status is Status.UNSUBSCRIBED:
        return known
    return replace(known, status=Status.UNSUBSCRIBED, left_at=now)
