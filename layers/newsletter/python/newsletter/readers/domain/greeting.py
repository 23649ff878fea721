"""Email to one subscriber: why we might write, what is due as they stand, and what became of it.

A request for it waits in a queue, so that the form answers everybody in the same time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from math import ceil

from newsletter.readers.domain.limits import Lane
from newsletter.readers.domain.pending_sign_up import DEAD_AFTER
from newsletter.readers.domain.renewal import may_be_asked
from newsletter.readers.domain.subscriber import Status, Subscriber, wants_confirmation, wants_notice

KEEP_TRYING = timedelta(days=14)
"""How long an email waits for a place or for the end of a hold; SQS keeps no message longer either."""

KEPT_FOR_SES = DEAD_AFTER
"""How long an email waits for SES to take it: as long as the link in it could still work."""

RATE_DELAY = 60
"""Seconds until another try where SES takes email, but no more of it in this second."""

UNWRITTEN = timedelta(minutes=1)
"""How long a message waits for the record of its sign-up, which is written at the same moment. The write has ended by
then, one way or the other: the form's function has 20 seconds."""

UNWRITTEN_DELAY = 3
"""Seconds until another look for the record."""

LONGEST_DELAY = 900
"""Seconds; the longest delay SQS knows. Also how long SES has to report an email about which it gave no clear answer;
it does so within seconds on most days."""


class Letter(StrEnum):
    """An email to one subscriber; the values are the names of the templates."""

    CONFIRMATION = "confirmation"
    REMINDER = "reminder"
    WELCOME = "welcome"
    ALREADY_SUBSCRIBED = "already_subscribed"
    LEAVE_LINK = "leave_link"
    ACCOUNT_LINK = "account_link"
    ADDRESS_CHANGE_CONFIRM = "address_change_confirm"
    ADDRESS_CHANGE_NOTICE = "address_change_notice"
    RENEWAL = "renewal"
    REPLY_THANKS = "reply_thanks"


TO_STRANGERS = frozenset({Letter.CONFIRMATION, Letter.ADDRESS_CHANGE_CONFIRM, Letter.REMINDER})
"""Email to an address that nobody has confirmed yet."""

TO_READERS = frozenset({Letter.WELCOME, Letter.ADDRESS_CHANGE_NOTICE, Letter.REPLY_THANKS})
"""Email that only a confirmed reader can cause: by pressing a button, or by an email that DMARC proves to be theirs."""


class Occasion(StrEnum):
    """Why we might write. What is written, if anything, depends on the subscriber's record by then."""

    SIGN_UP = "sign_up"
    """Somebody typed this address into the form."""
    WELCOME = "welcome"
    """The subscriber pressed the button."""
    LEAVE_LINK = "leave_link"
    """Somebody asked for a link to leave, without an old mail at hand."""
    ACCOUNT_LINK = "account_link"
    """Somebody asked for a link to see and change everything."""
    MOVE = "move"
    """The subscriber asked us to write to another address; that one is asked to confirm it."""
    MOVING = "moving"
    """The subscriber asked us to write to another address; the present one is informed."""
    RENEWAL = "renewal"
    """The subscriber's consent has grown old."""
    REPLY = "reply"
    """The subscriber replied to an issue."""


class Greeted(StrEnum):
    """What became of a request to write to one subscriber."""

    MAILED = "mailed"
    UNWRITTEN = "not written yet"
    """The message was there before the record of the sign-up; it waits for it."""
    NOT_DUE = "none"
    """Nothing is to be written, as the subscriber stands by now."""
    OVER_BUDGET = "budget"
    """The hour has no room; it has a place in a later one, and waits for it."""
    WAITS = "waits"
    """Its place is still ahead."""
    NO_PLACE = "no place"
    """No hour of the next day has room; it waits for another look."""
    UNTAKEN = "SES takes none"
    """The quota is used up, the account is stopped or in the sandbox, or it is somebody newer's turn; it waits."""
    GIVEN_UP = "given up"
    """It waited as long as anything may."""
    IN_DOUBT = "in doubt"
    """SES gave no clear answer; another look asks whether it reported that it took the email."""
    PROVED = "proved"
    """SES reported that it took the email after all."""
    HELD = "held"
    """Confirmation email is held; it has to wait."""
    SPARED = "spared"
    """The mailbox, in whatever spelling, got as many mails today as somebody who has not confirmed may get."""
    UNDELIVERABLE = "undeliverable"
    """SES says of the address that nothing arrives there; it stays unconfirmed, and expires."""
    REFUSED = "refused"
    """SES will never take email to this address; it stays unconfirmed, and expires."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """One request. It carries an id, never an address."""

    occasion: Occasion
    subscriber_id: str
    asked_at: datetime
    lane: Lane = Lane.FAST
    """Of the sign-up; every other occasion is somebody's whom we know."""
    mail_at: datetime | None = None
    """Its place, once it has one."""
    network: str = ""
    """From where it was asked for, as `network_name` says it; empty where no stranger is mailed for it."""
    doubted_at: datetime | None = None
    """When SES was asked and gave no clear answer; None if it always did."""

    @property
    def cause(self) -> str:
        """The same for each delivery of this request, and another for every other request."""
        return f"{self.occasion} {self.subscriber_id} {self.asked_at.isoformat()}"

    @property
    def cause_tag(self) -> str:
        """The cause as a tag of the email: 32 hexadecimal digits that name nobody."""
        return sha256(self.cause.encode()).hexdigest()[:32]


def accepted_counter(cause_tag: str) -> str:
    """Return the name of the counter that says whether SES reported that it took an email with this tag."""
    return f"accepted#{cause_tag}"


def without_doubted_mark(subscriber: Subscriber, doubted_at: datetime | None) -> Subscriber:
    """Return the record as it was before an email was marked as sent that SES, it turned out, never took."""
    move = subscriber.move
    if doubted_at is None:
        return subscriber
    if move is not None:
        move = replace(
            move,
            mailed_at=None if move.mailed_at == doubted_at else move.mailed_at,
            notice_at=None if move.notice_at == doubted_at else move.notice_at,
        )
    sent_at, notice_at, asked_at = (
        None if mark == doubted_at else mark
        for mark in (subscriber.confirmation_sent_at, subscriber.last_notice_at, subscriber.renewal_asked_at)
    )
    return replace(
        subscriber, move=move, confirmation_sent_at=sent_at, last_notice_at=notice_at, renewal_asked_at=asked_at
    )


def is_unwritten(greeting: Greeting, subscriber: Subscriber | None, *, now: datetime) -> bool:
    """Return whether the record of this sign-up may still be on its way: it is written beside the message.

    A reader's record does not change by a sign-up, so nothing is waited for.
    """
    if greeting.occasion is not Occasion.SIGN_UP or now - greeting.asked_at >= UNWRITTEN:
        return False
    if subscriber is None:
        return True
    return subscriber.status is not Status.CONFIRMED and subscriber.signed_up_at < greeting.asked_at


def due(greeting: Greeting, subscriber: Subscriber, *, now: datetime) -> Letter | None:
    """Return the email that this request leads to, as the subscriber stands now; None if it leads to none."""
    status, notice_at, sent_at = subscriber.status, subscriber.last_notice_at, subscriber.confirmation_sent_at
    match greeting.occasion:
        case Occasion.SIGN_UP if status is Status.UNCONFIRMED and wants_confirmation(subscriber, now=now):
            # Whoever sends the form again while the email waits is answered by the first that leaves.
            answered = greeting.mail_at and sent_at and sent_at >= greeting.asked_at
            return None if answered else Letter.CONFIRMATION
        case Occasion.SIGN_UP if status is Status.CONFIRMED and wants_notice(subscriber, now=now):
            # A message that was delivered twice must not tell a reader who confirmed since that they are here already.
            before = subscriber.confirmed_at is None or subscriber.confirmed_at < greeting.asked_at
            return Letter.ALREADY_SUBSCRIBED if before else None
        case Occasion.WELCOME if status is Status.CONFIRMED:
            return Letter.WELCOME if notice_at is None or notice_at < greeting.asked_at else None
        case Occasion.LEAVE_LINK if status is Status.CONFIRMED:
            return Letter.LEAVE_LINK
        case Occasion.ACCOUNT_LINK if subscriber.email and subscriber.confirmed_at is not None:
            # Whoever left may still see what we hold, and have it erased; who never confirmed is a stranger.
            return Letter.ACCOUNT_LINK if status is not Status.UNCONFIRMED else None
        case Occasion.MOVE if status is Status.CONFIRMED and subscriber.move is not None:
            return Letter.ADDRESS_CHANGE_CONFIRM if subscriber.move.mailed_at is None else None
        case Occasion.MOVING if status is Status.CONFIRMED and subscriber.move is not None:
            return Letter.ADDRESS_CHANGE_NOTICE if subscriber.move.notice_at is None else None
        case Occasion.REPLY if status is Status.CONFIRMED:
            return Letter.REPLY_THANKS if notice_at is None or notice_at < greeting.asked_at else None
        case Occasion.RENEWAL if may_be_asked(subscriber, asked_at=greeting.asked_at):
            return Letter.RENEWAL
    return None


def next_look(greeting: Greeting, *, now: datetime) -> int:
    """Return after how many seconds a request that waits is to be looked at again; 0 for never.

    SQS delays a message by a quarter of an hour at most: whose place is further ahead comes back on the way to it.
    """
    if now - greeting.asked_at >= KEEP_TRYING:
        return 0
    ahead = LONGEST_DELAY if greeting.mail_at is None else ceil((greeting.mail_at - now).total_seconds())
    return max(1, min(LONGEST_DELAY, ahead))
