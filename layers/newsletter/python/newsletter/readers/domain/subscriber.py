"""A subscriber: one mailbox, its consent, and the only ways the consent can change."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from newsletter.core.text import LONGEST_NAME, LOOKS_LIKE_A_LINK, one_line
from newsletter.readers.domain.consent import Consent

ID_LENGTH = 32
"""Hexadecimal characters of a subscriber id: 128 bits, so two mailboxes never share one."""


CONFIRMATION_PAUSE = timedelta(minutes=10)
"""One confirmation mail in this time, however often the form is sent: impatient fingers and bombers look alike."""


TOLD_PAUSE = timedelta(days=1)
"""How often we tell an address that it is on the list already."""

UNDO_WITHIN = timedelta(hours=1)
"""The undo button stands on the page that says "you have left"; nobody keeps that page open for longer."""

LONGEST_PAUSE = timedelta(days=366)
"""Quiet for longer than a year is leaving."""

LEAVING_REASONS = ("too_many", "not_relevant", "never_signed_up", "other")
"""What a reader may tap when leaving; nothing is the usual answer, and fine."""


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
    left_because: str = ""
    """One tap of the reader's, if they gave it: see LEAVING_REASONS."""
    lang: str = ""
    """The language of the mails and pages meant for this reader alone; empty for the newsletter's own."""
    paused_until: date | None = None
    """No issue before this day."""
    muted_topics: tuple[str, ...] = ()
    """Issues that are about nothing but these topics are not for this reader."""
    consent: Consent | None = None
    told_at: datetime | None = None
    """When we last said that the address is on the list already, or sent a link to leave."""
    reminded_at: datetime | None = None
    moves_from: str = ""
    """This unconfirmed address is the new one of that subscriber."""
    moving_to: str = ""
    """The new address of this subscriber that waits for its confirmation."""
    moved_to: str = ""
    """This record is only a signpost: the reader changed the address, and old links must still find them."""
    suppressed: bool = False
    """Kept out of the audience because the address is on the suppression list."""
    soft_bounces: tuple[str, ...] = ()
    """The last issues that bounced softly, oldest first; an older bounce than these decides nothing any more."""
    version: int = 0
    """Counts the writes; a write that expects another version is refused."""

    @property
    def in_audience(self) -> bool:
        """Whether the next issue is planned for this subscriber."""
        return self.status is Status.CONFIRMED and not self.suppressed

    def is_paused(self, today: date) -> bool:
        """Whether the reader asked for quiet on this day."""
        return self.paused_until is not None and today < self.paused_until

    def has_muted(self, topics: Collection[str]) -> bool:
        """Whether everything an issue is about is muted; an issue without topics is for everybody."""
        return bool(topics) and set(topics) <= set(self.muted_topics)

    def as_held(self) -> dict[str, Any]:
        """Return everything we hold about the person, in words they can read and take along."""
        moments = {
            "signed_up_at": self.signed_up_at,
            "confirmation_sent_at": self.confirmation_sent_at,
            "reminded_at": self.reminded_at,
            "confirmed_at": self.confirmed_at,
            "left_at": self.left_at,
            "told_at": self.told_at,
            "paused_until": self.paused_until,
        }
        held: dict[str, Any] = {
            "email": self.email,
            "name": self.name,
            "status": str(self.status),
            "lang": self.lang,
            "source": self.source,
            "left_because": self.left_because,
            "muted_topics": list(self.muted_topics),
            "soft_bounces": list(self.soft_bounces),
            "consent": self.consent.as_held() if self.consent else {},
            **{name: moment.isoformat() for name, moment in moments.items() if moment},
        }
        return {name: value for name, value in held.items() if value}


def clean_name(text: str) -> str:
    """Return a name that may stand in a mail: one line, no longer than 80 characters, never a link."""
    name = one_line(text)
    return "" if LOOKS_LIKE_A_LINK.search(name) else name[:LONGEST_NAME].rstrip()


def subscriber_id(mailbox: Mailbox, key: str) -> str:
    """Return the id of a mailbox: a keyed hash, so that ids can stand in logs, queues and tags."""
    digest = hmac.new(key.encode(), mailbox.identity.encode(), hashlib.sha256)
    return digest.hexdigest()[:ID_LENGTH]


def sign_up(
    known: Subscriber | None, *, subscriber_id: str, email: str, name: str, lang: str, consent: Consent
) -> Subscriber:
    """Return the subscriber after a sign-up; whoever is on the list already stays as they are.

    A sign-up never confirms anybody and never changes anything of a confirmed subscriber: anyone can type anyone's
    address into a form.
    """
    if known is not None and known.status is Status.CONFIRMED:
        return known
    fresh = Subscriber(
        subscriber_id=subscriber_id, email=email, status=Status.UNCONFIRMED, signed_up_at=consent.asked_at
    )
    # Where old links lead, when the person last left, and which reminder they had: a stranger's sign-up must not
    # wipe that out, so what is known is kept until somebody confirms.
    return replace(
        known or fresh,
        email=email,
        status=Status.UNCONFIRMED,
        signed_up_at=consent.asked_at,
        name=name or (known.name if known else ""),
        source=consent.page,
        lang=lang,
        consent=consent,
        confirmed_at=None,
    )


def wants_confirmation(subscriber: Subscriber, *, now: datetime) -> bool:
    """Return whether a confirmation mail is due: unconfirmed, and none was sent just before."""
    if subscriber.status is not Status.UNCONFIRMED:
        return False
    sent_at = subscriber.confirmation_sent_at
    return sent_at is None or now - sent_at >= CONFIRMATION_PAUSE


def wants_to_be_told(subscriber: Subscriber, *, now: datetime) -> bool:
    """Return whether we may write that the address is on the list already: at most once a day."""
    return subscriber.told_at is None or now - subscriber.told_at >= TOLD_PAUSE


def wants_reminder(subscriber: Subscriber, *, after: timedelta, now: datetime) -> bool:
    """Return whether the one reminder is due: asked, not confirmed, not reminded."""
    return (
        subscriber.status is Status.UNCONFIRMED
        and subscriber.confirmation_sent_at is not None
        and subscriber.reminded_at is None
        and now - subscriber.signed_up_at >= after
    )


def confirm(known: Subscriber, *, link_made_at: datetime, consent: Consent | None, now: datetime) -> Subscriber | None:
    """Return the subscriber after the confirm button, or None when this link no longer speaks for them.

    A link made before the subscriber last left confirms nothing: leaving is newer than the consent it carries.
    """
    if known.status is Status.CONFIRMED:
        return known
    if known.status is Status.UNSUBSCRIBED or (known.left_at and link_made_at < known.left_at):
        return None
    return replace(
        known,
        status=Status.CONFIRMED,
        confirmed_at=now,
        consent=consent,
        left_because="",
        moved_to="",
        reminded_at=None,
    )


def leave(known: Subscriber, *, now: datetime) -> Subscriber:
    """Return the subscriber after leaving; leaving twice is leaving once."""
    if known.status is Status.UNSUBSCRIBED:
        return known
    return replace(known, status=Status.UNSUBSCRIBED, left_at=now, left_because="")


def undo_leaving(known: Subscriber, *, now: datetime) -> Subscriber | None:
    """Return the subscriber after the undo button beside "you have left", or None when it is too late for it.

    It is a consent of its own, given by the holder of the mailbox's link within the hour; after that only a new
    sign-up leads back. Nobody becomes a subscriber by it who was not one.
    """
    if known.status is not Status.UNSUBSCRIBED:
        return known
    if known.moved_to or known.left_at is None or known.confirmed_at is None or now - known.left_at > UNDO_WITHIN:
        return None
    return replace(known, status=Status.CONFIRMED, confirmed_at=now, left_because="")


def pause(known: Subscriber, until: date | None, *, today: date) -> Subscriber:
    """Return the subscriber with quiet until a day, at most a year from now; None ends the quiet."""
    if until is not None:
        until = min(max(until, today), today + LONGEST_PAUSE)
    return replace(known, paused_until=until if until != today else None)


def pause_choices(today: date) -> list[tuple[str, date]]:
    """Return the days a page offers for a pause: one, three and six months of fortnights from now."""
    return [(day.isoformat(), day) for day in (today + timedelta(weeks=weeks) for weeks in (4, 12, 26))]


def moved(old: Subscriber, new_id: str, *, now: datetime) -> Subscriber:
    """Return the signpost that an address leaves behind: no address, no name, only where the links lead."""
    return Subscriber(
        subscriber_id=old.subscriber_id,
        email="",
        status=Status.UNSUBSCRIBED,
        signed_up_at=old.signed_up_at,
        left_at=now,
        moved_to=new_id,
        suppressed=old.suppressed,
        version=old.version,
    )
