"""A subscriber's own page: what we hold, name, language and topics, a rest, another address, erasure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.errors import ExpiredTokenError, InvalidEmailError
from newsletter.readers.domain.greeting import Greeting, Occasion
from newsletter.readers.domain.move import Move
from newsletter.readers.domain.preferences import Changed, PreferencesAction, PreferencesForm, PreferencesPage
from newsletter.readers.domain.subscriber import Status, Subscriber, clean_name, resting, with_move
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.readers.ports import PreferencePorts, SubscriberStore, SuppressionStore
from newsletter.readers.records import own, update

BUSY = "the change could not be recorded; try again in a minute"


def answer_form(
    form: PreferencesForm, subscriber_id: str, network: str, *, ports: PreferencePorts, today: date, now: datetime
) -> Changed:
    """Do what a subscriber asked for, and return what to answer with.

    Raises:
        ExpiredTokenError, StoreBusyError: As the functions below.
    """
    match form.action:
        case PreferencesAction.SAVE:
            saved = save(subscriber_id, form, subscribers=ports.subscribers, topics_of_issues=ports.topics())
            return Changed(PreferencesPage.PREFERENCES, saved, form.action)
        case PreferencesAction.PAUSE | PreferencesAction.RESUME:
            rested = rest(subscriber_id, form.rests_until, subscribers=ports.subscribers, today=today)
            return Changed(PreferencesPage.PREFERENCES, rested, form.action)
        case PreferencesAction.CHANGE_EMAIL:
            return _change_email(form, subscriber_id, network, ports, now)
        case PreferencesAction.ERASE:
            show(subscriber_id, subscribers=ports.subscribers)  # whoever moved away holds nothing here to be erased
            erase(subscriber_id, subscribers=ports.subscribers, suppressions=ports.suppressions, now=now)
            return Changed(PreferencesPage.ERASED)


def show(subscriber_id: str, *, subscribers: SubscriberStore) -> Subscriber:
    """Return what we hold of this very address.

    Raises:
        ExpiredTokenError: We hold nothing: erased, never confirmed, or the reader has moved to another address.
    """
    return _held(own(subscribers, subscriber_id))


def save(
    subscriber_id: str, form: PreferencesForm, *, subscribers: SubscriberStore, topics_of_issues: Collection[str]
) -> Subscriber:
    """Change name, language and muted topics.

    Raises:
        ExpiredTokenError: We hold nothing.
        StoreBusyError: Not changed; try again.
    """

    def rule(subscriber: Subscriber) -> Subscriber:
        muted = tuple(sorted(form.muted(subscriber, topics_of_issues)))
        return replace(subscriber, name=clean_name(form.name), lang=form.lang, muted_topics=muted)

    updated = update(subscribers, subscriber_id, rule, busy=BUSY)
    return _held(updated.after if updated else None)


def rest(subscriber_id: str, rests_until: date | None, *, subscribers: SubscriberStore, today: date) -> Subscriber:
    """Send a subscriber no issue until a day; None ends the rest.

    Raises:
        ExpiredTokenError: We hold nothing, or only somebody who is not a subscriber.
        StoreBusyError: Not changed; try again.
    """
    updated = update(
        subscribers, subscriber_id, lambda subscriber: resting(subscriber, rests_until, today=today), busy=BUSY
    )
    return _held(updated.after if updated else None)


def _held(subscriber: Subscriber | None) -> Subscriber:
    if subscriber is None:
        raise ExpiredTokenError("we hold nothing about this address any more; sign up again if you like")
    return subscriber


def _change_email(
    form: PreferencesForm, subscriber_id: str, network: str, ports: PreferencePorts, now: datetime
) -> Changed:
    # Each time two mailboxes get an email; whoever asks too often gets the same answer as everybody.
    if ports.limiter.may_ask_for_link(subscriber_id, network, now=now).allowed:
        try:
            move(subscriber_id, form.new_email, ports=ports, now=now)
        except InvalidEmailError as exc:
            subscriber = show(subscriber_id, subscribers=ports.subscribers)
            return Changed(PreferencesPage.PREFERENCES, subscriber, problem=str(exc))
    return Changed(PreferencesPage.ADDRESS_CHANGE_SENT)


def move(subscriber_id: str, email: str, *, ports: PreferencePorts, now: datetime) -> None:
    """Ask the new address to confirm, and inform the old one; until then everything stays as it is.

    The answer is the same whether or not the new address is on the list already.

    Raises:
        InvalidEmailError: The new address cannot be an address.
        ExpiredTokenError: We hold nothing, or only somebody who is not a subscriber.
        StoreBusyError: Not recorded; try again.
    """
    mailbox = ports.addresses.mailbox(email)
    new_id = ports.addresses.subscriber_id(mailbox)

    def rule(subscriber: Subscriber) -> Subscriber:
        if subscriber.status is not Status.CONFIRMED:
            raise ExpiredTokenError("this subscription has ended; sign up with the new address instead")
        return with_move(subscriber, Move(new_id=new_id, email=mailbox.email, asked_at=now))

    _held(updated.after if (updated := update(ports.subscribers, subscriber_id, rule, busy=BUSY)) else None)
    # Both are queued whatever stands at the new address, so that neither answer nor time tells; `greet` decides.
    for occasion in (Occasion.MOVE, Occasion.MOVING):
        ports.greet_queue.greet(Greeting(occasion, subscriber_id, now))


def erase(subscriber_id: str, *, subscribers: SubscriberStore, suppressions: SuppressionStore, now: datetime) -> bool:
    """Forget the subscriber and keep only a keyed hash that says not to mail; return whether there was one.

    Both happen in one step, for the address and for each that the reader moved away from. A change of address that
    waits for its confirmation is part of the record, and goes too.

    Raises:
        StoreBusyError: Not erased; try again.
    """
    record = subscribers.get(subscriber_id)
    signposts = (subscribers.get(address_id) for address_id in (record.came_from if record else ()))
    # Today's record goes last: cut off before, the second press of the button still finds the others.
    ids = [subscriber_id, *(signpost.subscriber_id for signpost in signposts if signpost and signpost.moved_to)]
    if record is not None and record.moving_to:  # a change of address that was asked for in version 1.0 or before
        pending = subscribers.get(record.moving_to)
        if pending is not None and pending.moves_from == subscriber_id and pending.status is Status.UNCONFIRMED:
            ids.append(pending.subscriber_id)
    return any([_erase_one(address_id, subscribers, suppressions, now) for address_id in reversed(ids)])


def _erase_one(subscriber_id: str, subscribers: SubscriberStore, suppressions: SuppressionStore, now: datetime) -> bool:
    tombstone = Suppression(subscriber_id, SuppressionReason.ERASED, now)

    def attempt() -> bool | Literal[Race.LOST]:
        record = subscribers.get(subscriber_id)
        if record is None:
            return False
        return True if suppressions.erase(tombstone, record) else LOST

    return win(attempt, busy="the erasure could not be recorded; try again in a minute")
