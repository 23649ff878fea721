"""Email to one subscriber: why we might write, what is due as they stand, and what became of it.

A request for it waits in a queue, so that the form answers everybody in the same time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from newsletter.readers.domain.subscriber import Status, Subscriber, wants_confirmation, wants_notice

KEEP_TRYING = timedelta(days=1)
"""How long an email waits for a place in the hourly budget."""

BUDGET_DELAY = 900
"""Seconds; the longest delay SQS knows."""


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


TO_STRANGERS = frozenset({Letter.CONFIRMATION, Letter.ADDRESS_CHANGE_CONFIRM, Letter.REMINDER})
"""Email to an address that nobody has confirmed yet."""

TO_READERS = frozenset({Letter.WELCOME, Letter.ADDRESS_CHANGE_NOTICE})
"""Email that only a confirmed reader's own press of a button can cause."""


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


class Greeted(StrEnum):
    """What became of a request to write to one subscriber."""

    MAILED = "mailed"
    NOT_DUE = "none"
    """Nothing is to be written, as the subscriber stands by now."""
    OVER_BUDGET = "budget"
    """The hourly budget is used up; it has to wait."""
    HELD = "held"
    """Confirmation email is held; it has to wait."""
    SPARED = "spared"
    """The mailbox, in whatever spelling, got as many mails today as somebody who has not confirmed may get."""
    REFUSED = "refused"
    """SES will never take email to this address; it stays unconfirmed, and expires."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """One request. It carries an id, never an address."""

    occasion: Occasion
    subscriber_id: str
    asked_at: datetime

    @property
    def cause(self) -> str:
        """The same for each delivery of this request, and another for every other request."""
        return f"{self.occasion} {self.subscriber_id} {self.asked_at.isoformat()}"


def due(greeting: Greeting, subscriber: Subscriber, *, now: datetime) -> Letter | None:
    """Return the email that this request leads to, as the subscriber stands now; None if it leads to none."""
    status, notice_at = subscriber.status, subscriber.last_notice_at
    match greeting.occasion:
        case Occasion.SIGN_UP if status is Status.UNCONFIRMED and wants_confirmation(subscriber, now=now):
            return Letter.CONFIRMATION
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
    return None


def retry_delay(greeted: Greeted, greeting: Greeting, *, now: datetime) -> int:
    """Return after how many seconds a request is to be looked at again; 0 for never."""
    waits = greeted in (Greeted.OVER_BUDGET, Greeted.HELD) and now - greeting.asked_at < KEEP_TRYING
    return BUDGET_DELAY if waits else 0
