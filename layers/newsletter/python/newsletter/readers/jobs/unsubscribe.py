"""Unsubscribing by the link in an email of any age, wherever its reader has moved; resting, and taking it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from newsletter.core.link_token import Token
from newsletter.errors import ExpiredTokenError, InvalidRequestError
from newsletter.readers.domain.leaving import LeavingAction, LeavingAnswer, LeavingForm, LeavingPage
from newsletter.readers.domain.subscriber import LEAVING_REASONS, Status, Subscriber, leave, resting, undo_leaving
from newsletter.readers.ports import SubscriberStore
from newsletter.readers.records import update, update_by_link

BUSY = "this could not be recorded; try again in a minute"


def answer_form(
    leaving_form: LeavingForm, token: Token, *, subscribers: SubscriberStore, today: date, now: datetime
) -> LeavingAnswer:
    """Do what a reader asked for on the page behind the unsubscribe link, and return what to answer with.

    Raises:
        ExpiredTokenError, InvalidRequestError, StoreBusyError: As the functions below.
    """
    subscriber_id = token.subscriber_id
    match leaving_form.action:
        case LeavingAction.UNDO:
            subscriber = undo(token, subscribers=subscribers, now=now)
            return LeavingAnswer(LeavingPage.UNDONE, subscriber.subscriber_id, subscriber.lang)
        case LeavingAction.REASON:
            give_reason(subscriber_id, leaving_form.reason, subscribers=subscribers)
            return LeavingAnswer(LeavingPage.THANKED_FOR_REASON, subscriber_id)
        case LeavingAction.PAUSE | LeavingAction.RESUME:
            rests_until = rest(token, leaving_form.rests_until, subscribers=subscribers, today=today, now=now)
            page = LeavingPage.PAUSED if rests_until else LeavingPage.UNDONE
            return LeavingAnswer(page, subscriber_id, rests_until=rests_until)
        case LeavingAction.LEAVE:
            unsubscribe(subscriber_id, subscribers=subscribers, now=now)
            return LeavingAnswer(LeavingPage.UNSUBSCRIBED, subscriber_id)


def unsubscribe(subscriber_id: str, *, subscribers: SubscriberStore, now: datetime) -> bool:
    """Record that a reader unsubscribed; return whether it changed anything. A stranger has left already.

    Raises:
        StoreBusyError: Not recorded; the reader must be told so, and may try again.
    """
    updated = update(
        subscribers, subscriber_id, lambda subscriber: leave(subscriber, now=now), busy=BUSY, follow_moves=True
    )
    return updated is not None and updated.changed


def undo(token: Token, *, subscribers: SubscriberStore, now: datetime) -> Subscriber:
    """Take an unsubscription back, within the hour.

    Raises:
        ExpiredTokenError: Too late, never confirmed, or the link may only leave by now.
        StoreBusyError: Not recorded; try again.
    """

    def rule(subscriber: Subscriber) -> Subscriber:
        undone = undo_leaving(subscriber, now=now)
        if undone is None:
            raise ExpiredTokenError("it is too late to undo this; sign up again, which takes a minute")
        return undone

    updated = update_by_link(subscribers, token, rule, busy=BUSY, now=now)
    if updated is None:
        raise ExpiredTokenError("we hold nothing about this address any more; sign up again if you like")
    return updated.after


def rest(
    token: Token, rests_until: date | None, *, subscribers: SubscriberStore, today: date, now: datetime
) -> date | None:
    """Send a reader no issue until a day (None ends the rest); return the day that was recorded.

    Raises:
        ExpiredTokenError: Not a subscriber, or the link may only leave by now.
        StoreBusyError: Not recorded; try again.
    """

    def rule(subscriber: Subscriber) -> Subscriber:
        return resting(subscriber, rests_until, today=today)

    updated = update_by_link(subscribers, token, rule, busy=BUSY, now=now)
    if updated is None:
        raise ExpiredTokenError("we hold nothing about this address any more")
    return updated.after.rests_until


def give_reason(subscriber_id: str, left_because: str, *, subscribers: SubscriberStore) -> None:
    """Record why a reader unsubscribed; one tap.

    Raises:
        InvalidRequestError: Not one of the reasons we offer.
    """
    if left_because not in LEAVING_REASONS:
        raise InvalidRequestError("This is not one of the reasons on the page.")

    def rule(subscriber: Subscriber) -> Subscriber:
        return (
            replace(subscriber, left_because=left_because) if subscriber.status is Status.UNSUBSCRIBED else subscriber
        )

    update(subscribers, subscriber_id, rule, busy=BUSY, follow_moves=True)
