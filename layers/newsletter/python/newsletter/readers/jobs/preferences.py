"""A subscriber's own page: what we hold, name, language and topics, a rest, another address, erasure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.errors import ExpiredTokenError, InvalidEmailError
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.greeting import Greeting, Occasion
from newsletter.readers.domain.preferences import Changed, PreferencesAction, PreferencesForm, PreferencesPage
from newsletter.readers.domain.subscriber import Mailbox, Status, Subscriber, clean_name, moving, resting
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.readers.ports import PreferencePorts, SubscriberStore, SuppressionStore
from newsletter.readers.records import newest, update

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
            erase(subscriber_id, subscribers=ports.subscribers, suppressions=ports.suppressions, now=now)
            return Changed(PreferencesPage.ERASED)


def show(subscriber_id: str, *, subscribers: SubscriberStore) -> Subscriber:
    """Return what we hold, under the newest address.

    Raises:
        ExpiredTokenError: We hold nothing: erased, or never confirmed.
    """
    return _held(newest(subscribers, subscriber_id))


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
    old = show(subscriber_id, subscribers=ports.subscribers)
    if old.status is not Status.CONFIRMED:
        raise ExpiredTokenError("this subscription has ended; sign up with the new address instead")
    suppression = ports.suppressions.get(new_id)
    if suppression is None or suppression.lifted_by_sign_up:
        _ask_new_address(subscriber_id, new_id, mailbox, ports, now)
    # After our own writes, which the email's mark would otherwise have to race.
    ports.greet_queue.greet(Greeting(Occasion.MOVING, old.subscriber_id, now))


def _ask_new_address(subscriber_id: str, new_id: str, mailbox: Mailbox, ports: PreferencePorts, now: datetime) -> None:
    consent = Consent(asked_at=now, page="preferences").sealed(ports.seal_key)

    def attempt() -> Literal[Race.LOST] | None:
        old = show(subscriber_id, subscribers=ports.subscribers)
        existing = ports.subscribers.get(new_id)
        if existing is not None and existing.status is Status.CONFIRMED:
            return None
        unconfirmed = moving(old, existing, subscriber_id=new_id, email=mailbox.email, consent=consent)
        # The old record first: an erasure must find the new address, however far we got.
        if not (ports.subscribers.save(replace(old, moving_to=new_id)) and ports.subscribers.save(unconfirmed)):
            return LOST
        ports.greet_queue.greet(Greeting(Occasion.SIGN_UP, new_id, now))
        return None

    win(attempt, busy=BUSY)


def erase(subscriber_id: str, *, subscribers: SubscriberStore, suppressions: SuppressionStore, now: datetime) -> bool:
    """Forget the subscriber and keep only a keyed hash that says not to mail; return whether there was one.

    Both happen in one step, for each address of the trail; cut off between two, the second click does the rest.

    Raises:
        StoreBusyError: Not erased; try again.
    """
    trail, current_id = [], subscriber_id
    while current_id and current_id not in trail:
        trail.append(current_id)
        record = subscribers.get(current_id)
        if record is not None and record.moving_to:
            pending = subscribers.get(record.moving_to)
            if pending is not None and pending.moves_from == current_id and pending.status is Status.UNCONFIRMED:
                trail.append(pending.subscriber_id)
        current_id = record.moved_to if record else ""
    # From the newest back, so that a signpost is taken down only when nobody is behind it any more.
    return any([_erase_one(address_id, subscribers, suppressions, now) for address_id in reversed(trail)])


def _erase_one(subscriber_id: str, subscribers: SubscriberStore, suppressions: SuppressionStore, now: datetime) -> bool:
    tombstone = Suppression(subscriber_id, SuppressionReason.ERASED, now)

    def attempt() -> bool | Literal[Race.LOST]:
        record = subscribers.get(subscriber_id)
        if record is None:
            return False
        return True if suppressions.erase(tombstone, record) else LOST

    return win(attempt, busy="the erasure could not be recorded; try again in a minute")
