"""A subscriber: one mailbox, its consent, and every change of it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from newsletter.core.audience.reading_rhythm import ReadingRhythm
from newsletter.core.reader_fields.answers import NO_VALUES
from newsletter.core.text import LONGEST_NAME, LOOKS_LIKE_A_LINK, one_line
from newsletter.errors import ExpiredTokenError
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.move import Move
from newsletter.readers.domain.pending_sign_up import PendingSignUp, with_another

ID_LENGTH = 32
"""Hexadecimal characters of a subscriber id: 128 bits, so two mailboxes never share one."""


CONFIRMATION_INTERVAL = timedelta(minutes=10)
"""One confirmation email in this time, however often the form is sent: impatient fingers and bombers look alike."""


NOTICE_INTERVAL = timedelta(days=1)
"""How often we write to a reader that the address is on the list already."""

UNDO_WITHIN = timedelta(hours=1)
"""The undo button stands on the page that says "you have left"; nobody keeps that page open for longer."""

LONGEST_REST = timedelta(days=366)
"""Whoever wants no issue for longer than a year unsubscribes."""

LEAVING_REASONS = ("too_many", "not_relevant", "never_signed_up", "other")
"""What a reader may tap when leaving; nothing is the usual answer, and fine."""


class Status(StrEnum):
    """Whether a mailbox gets issues, as far as its owner decides."""

    UNCONFIRMED = "unconfirmed"
    """Asked for the newsletter; nobody has proved yet that the mailbox is theirs."""
    CONFIRMED = "confirmed"
    """Pressed the button behind the link in the confirmation email."""
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
    fields: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What they answered to the publisher's fields, by key; also to one that is not asked any more."""
    source: str = ""
    """The page the sign-up came from, as the form said."""
    confirmation_sent_at: datetime | None = None
    confirmed_at: datetime | None = None
    left_at: datetime | None = None
    left_because: str = ""
    """One tap of the reader's, if they gave it: see LEAVING_REASONS; or that they did not renew their consent."""
    lang: str = ""
    """The language of the mails and pages meant for this reader alone; empty for the newsletter's own."""
    rests_until: date | None = None
    """No issue before this day."""
    muted_topics: tuple[str, ...] = ()
    """Issues that are about nothing but these topics are not for this reader."""
    tags: frozenset[str] = frozenset()
    """Words by which editors tell parts of the list apart, as `tag_of` writes them; no public page shows them."""
    digest_since: str = ""
    """The month from which on they get a digest of each month in place of its issues; empty for every issue."""
    digest_months: tuple[str, ...] = ()
    """Of the month in which they last changed that and the one before: those whose digest they get all the same."""
    consent: Consent | None = None
    last_notice_at: datetime | None = None
    """When we last said that the address is on the list already, or sent a link to leave."""
    reminded_at: datetime | None = None
    renewal_asked_at: datetime | None = None
    """When we asked whether they still want the newsletter; empty as soon as they answer, in whatever way."""
    pending: tuple[PendingSignUp, ...] = ()
    """Further sign-ups of this mailbox that wait beside the first, which is the record itself."""
    links_since: datetime | None = None
    """Links made before this moment may only leave: they were mailed to whoever had the mailbox before, or their owner
    has ended them."""
    move: Move | None = None
    """A change of address that the reader asked for and the new address did not confirm yet."""
    came_from: tuple[str, ...] = ()
    """The ids of the addresses that the reader has moved away from, oldest first; each is a signpost now."""
    moves_from: str = ""
    moving_to: str = ""
    """Both were written by versions up to 1.0: the unconfirmed record of a new address, and whose it is. They move
    nobody any more; an erasure still takes both records along."""
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

    @property
    def reading_rhythm(self) -> ReadingRhythm:
        """What the reader chose, whether it counts by now or from the next month on."""
        return ReadingRhythm.MONTHLY if self.digest_since else ReadingRhythm.EVERY_ISSUE

    def gets_digest_of(self, month: str) -> bool:
        """Return whether the digest of this month is for the reader, and its single issues are not."""
        return month in self.digest_months or (self.digest_since != "" and self.digest_since <= month)

    def is_resting(self, today: date) -> bool:
        """Whether the reader asked for no issues on this day."""
        return self.rests_until is not None and today < self.rests_until

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
            "told_at": self.last_notice_at,
            "renewal_asked_at": self.renewal_asked_at,
            "paused_until": self.rests_until,
        }
        held: dict[str, Any] = {
            "email": self.email,
            "name": self.name,
            "fields": dict(self.fields),
            "status": str(self.status),
            "lang": self.lang,
            "source": self.source,
            "left_because": self.left_because,
            "muted_topics": list(self.muted_topics),
            "tags": sorted(self.tags),
            "rhythm": str(self.reading_rhythm) if self.digest_since or self.digest_months else "",
            "digest_since": self.digest_since,
            "digest_months": list(self.digest_months),
            "soft_bounces": list(self.soft_bounces),
            "consent": self.consent.as_held() if self.consent else {},
            "address_change": {"email": self.move.email, "asked_at": self.move.asked_at.isoformat()}
            if self.move
            else {},
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
    existing: Subscriber | None,
    *,
    subscriber_id: str,
    email: str,
    name: str,
    lang: str,
    consent: Consent,
    fields: Mapping[str, str] = NO_VALUES,
) -> Subscriber:
    """Return the subscriber after a sign-up; whoever is on the list already stays as they are.

    A sign-up never confirms anybody and never changes anything of a confirmed subscriber: anyone can type anyone's
    address into a form.
    """
    if existing is not None and existing.status is Status.CONFIRMED:
        return existing
    if existing is not None and existing.status is Status.UNCONFIRMED and _waits(existing, consent.asked_at):
        pending = with_another(existing.pending, name=name, lang=lang, consent=consent, fields=fields)
        return replace(existing, signed_up_at=consent.asked_at, pending=pending)
    fresh = Subscriber(
        subscriber_id=subscriber_id, email=email, status=Status.UNCONFIRMED, signed_up_at=consent.asked_at
    )
    # Where old links lead, when the person last left, and which reminder they had: a stranger's sign-up must not
    # wipe that out, so what is on record is kept until somebody confirms.
    return replace(
        existing or fresh,
        email=email,
        status=Status.UNCONFIRMED,
        signed_up_at=consent.asked_at,
        name=name or (existing.name if existing else ""),
        fields={**(existing.fields if existing else {}), **fields},
        source=consent.page,
        lang=lang,
        consent=consent,
        confirmed_at=None,
        pending=(),
    )


def _waits(subscriber: Subscriber, now: datetime) -> bool:
    """Return whether some link that was mailed for an earlier sign-up may still be pressed."""
    return any(not each.is_dead(now) for each in (first_sign_up(subscriber), *subscriber.pending))


def first_sign_up(subscriber: Subscriber) -> PendingSignUp:
    """Return the sign-up that the record itself is."""
    return PendingSignUp(
        consent=subscriber.consent, name=subscriber.name, lang=subscriber.lang, fields=subscriber.fields
    )


def sign_up_number(subscriber: Subscriber, number: int) -> PendingSignUp | None:
    """Return the sign-up with this number; None if there is none, or no more."""
    return next((each for each in (first_sign_up(subscriber), *subscriber.pending) if each.number == number), None)


def sign_up_asked_at(subscriber: Subscriber, moment: datetime) -> PendingSignUp:
    """Return the sign-up of this moment; the first if that one found no room."""
    asked = (each for each in subscriber.pending if each.consent is not None and each.consent.asked_at == moment)
    return next(asked, first_sign_up(subscriber))


def wants_confirmation(subscriber: Subscriber, *, now: datetime) -> bool:
    """Return whether a confirmation mail is due: unconfirmed, and none was sent just before."""
    if subscriber.status is not Status.UNCONFIRMED:
        return False
    sent_at = subscriber.confirmation_sent_at
    return sent_at is None or now - sent_at >= CONFIRMATION_INTERVAL


def wants_notice(subscriber: Subscriber, *, now: datetime) -> bool:
    """Return whether we may write that the address is on the list already: at most once a day."""
    return subscriber.last_notice_at is None or now - subscriber.last_notice_at >= NOTICE_INTERVAL


def wants_reminder(subscriber: Subscriber, *, reminder_after: timedelta, now: datetime) -> bool:
    """Return whether the one reminder is due: asked, not confirmed, not reminded."""
    return (
        subscriber.status is Status.UNCONFIRMED
        and subscriber.confirmation_sent_at is not None
        and subscriber.reminded_at is None
        and now - subscriber.signed_up_at >= reminder_after
    )


def confirm(
    subscriber: Subscriber,
    asked: PendingSignUp | None,
    *,
    link_made_at: datetime,
    consent: Consent | None,
    now: datetime,
) -> Subscriber | None:
    """Return the subscriber after the confirm button, or None when this link no longer speaks for them.

    A link made before the subscriber last left confirms nothing: leaving is newer than the consent it carries.

    Args:
        subscriber: The record.
        asked: The sign-up that the link was mailed for; None if it is not held any more.
        link_made_at: When the link was made.
        consent: The completed receipt of that sign-up.
        now: The moment.
    """
    if subscriber.status is Status.CONFIRMED:
        return subscriber
    if subscriber.status is Status.UNSUBSCRIBED or (subscriber.left_at and link_made_at < subscriber.left_at):
        return None
    if asked is None:
        return None
    return replace(
        subscriber,
        status=Status.CONFIRMED,
        confirmed_at=now,
        name=asked.name,
        fields=asked.fields,
        lang=asked.lang,
        source=consent.page if asked.number and consent else subscriber.source,
        consent=consent,
        pending=(),
        links_since=ends_links(now),
        left_because="",
        digest_since="",
        digest_months=(),
        moves_from="",
        moved_to="",
        reminded_at=None,
        renewal_asked_at=None,
    )


def leave(subscriber: Subscriber, *, now: datetime) -> Subscriber:
    """Return the subscriber after leaving; leaving twice is leaving once."""
    if subscriber.status is Status.UNSUBSCRIBED:
        return subscriber
    left = replace(subscriber, status=Status.UNSUBSCRIBED, left_at=now, left_because="")
    return replace(left, pending=(), renewal_asked_at=None)


def ends_links(now: datetime) -> datetime:
    """Return the moment from which on links are new; the moment in a link has whole seconds, so it is rounded up."""
    return now if now.microsecond == 0 else now.replace(microsecond=0) + timedelta(seconds=1)


def with_links_ended(subscriber: Subscriber, *, now: datetime) -> Subscriber:
    """Return the subscriber whose older links may only leave; a change of address that they asked for goes too."""
    return replace(subscriber, links_since=ends_links(now), move=None)


def undo_leaving(subscriber: Subscriber, *, now: datetime) -> Subscriber | None:
    """Return the subscriber after the undo button beside "you have left", or None when it is too late for it.

    It is a consent of its own, given by the holder of the mailbox's link within the hour; after that only a new
    sign-up leads back. Nobody becomes a subscriber by it who was not one.
    """
    if subscriber.status is not Status.UNSUBSCRIBED:
        return subscriber
    if (
        subscriber.moved_to
        or subscriber.left_at is None
        or subscriber.confirmed_at is None
        or now - subscriber.left_at > UNDO_WITHIN
    ):
        return None
    return replace(subscriber, status=Status.CONFIRMED, confirmed_at=now, left_because="")


def resting(subscriber: Subscriber, rests_until: date | None, *, today: date) -> Subscriber:
    """Return the subscriber who gets no issue until a day, at most a year from now; None ends the rest.

    Raises:
        ExpiredTokenError: Not a subscriber.
    """
    if subscriber.status is not Status.CONFIRMED:
        raise ExpiredTokenError("this subscription has ended, so there is nothing to pause")
    if rests_until is not None:
        rests_until = min(max(rests_until, today), today + LONGEST_REST)
    return replace(subscriber, rests_until=rests_until if rests_until != today else None)


def rest_choices(today: date) -> list[tuple[str, date]]:
    """Return the days a page offers as the end of a rest: one, three and six months of fortnights from now."""
    return [(day.isoformat(), day) for day in (today + timedelta(weeks=weeks) for weeks in (4, 12, 26))]


def with_move(subscriber: Subscriber, move: Move) -> Subscriber:
    """Return the subscriber who asked for a change of address.

    Who asks again for the same address within minutes causes no further email: its marks stay.
    """
    before = subscriber.move
    if before is not None and before.new_id == move.new_id and move.asked_at - before.asked_at < CONFIRMATION_INTERVAL:
        return subscriber
    return replace(subscriber, move=move)
