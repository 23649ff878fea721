"""A subscriber's own pages: a pause behind every link; all that we hold, and its changes, behind a fresh one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from newsletter.core.audience.reading_rhythm import month_of
from newsletter.core.link_token import Token
from newsletter.core.races import LOST, Race, win
from newsletter.core.reader_fields.reader_field import ReaderField
from newsletter.errors import ExpiredTokenError, InvalidEmailError
from newsletter.readers.domain.greeting import Greeting, Occasion
from newsletter.readers.domain.limits import network_name
from newsletter.readers.domain.link_rights import Right, allows, check_still_speaks
from newsletter.readers.domain.move import Move
from newsletter.readers.domain.preferences import (
    FOR_EVERY_LINK,
    Changed,
    PreferencesAction,
    PreferencesForm,
    PreferencesPage,
)
from newsletter.readers.domain.subscriber import (
    Status,
    Subscriber,
    clean_name,
    resting,
    with_links_ended,
    with_move,
)
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.readers.ports import PreferencePorts, SubscriberStore, SuppressionStore
from newsletter.readers.records import own, update_by_link
from newsletter.readers.rhythm_choice import with_rhythm

BUSY = "the change could not be recorded; try again in a minute"


def answer_form(
    choices: PreferencesForm, token: Token, network: str, *, ports: PreferencePorts, today: date, now: datetime
) -> Changed:
    """Do what a subscriber asked for, if the link may do that, and return what to answer with.

    Raises:
        ExpiredTokenError, StoreBusyError: As the functions below.
    """
    subscriber_id, page = token.subscriber_id, _page_of(token)
    if not allows(token, Right.EVERYTHING) and choices.action not in FOR_EVERY_LINK:
        show(token, subscribers=ports.subscribers, now=now)
        return Changed(page, link_needed=True)
    match choices.action:
        case PreferencesAction.PAUSE | PreferencesAction.RESUME:
            rested = rest(token, choices.rests_until, subscribers=ports.subscribers, today=today, now=now)
            return Changed(page, rested if page is PreferencesPage.PREFERENCES else None, choices.action)
        case PreferencesAction.SEND_LINK:
            return _mail_link(subscriber_id, network, ports, now)
        case PreferencesAction.SAVE:
            return _save(token, choices, ports, month_of(today), now)
        case PreferencesAction.CHANGE_EMAIL:
            return _change_email(choices, token, network, ports, now)
        case PreferencesAction.END_LINKS:
            _update(token, lambda one: with_links_ended(one, now=now), ports.subscribers, now)
            return Changed(PreferencesPage.LINKS_ENDED)
        case PreferencesAction.ERASE:
            show(token, subscribers=ports.subscribers, now=now)  # whoever moved away holds nothing here to be erased
            erase(subscriber_id, subscribers=ports.subscribers, suppressions=ports.suppressions, now=now)
            return Changed(PreferencesPage.ERASED)


def look(token: Token, *, export: bool = False, subscribers: SubscriberStore, now: datetime) -> Changed:
    """Return what a link shows without a button: everything if it is fresh, no data if it is one of a footer.

    Args:
        token: The link.
        export: Whether everything was asked for, as a file; a link of a footer then says what it needs.
        subscribers: The list.
        now: The moment.

    Raises:
        ExpiredTokenError: As `show`.
    """
    subscriber, page = show(token, subscribers=subscribers, now=now), _page_of(token)
    if page is PreferencesPage.PREFERENCES:
        return Changed(page, subscriber)
    return Changed(page, link_needed=export)


def _page_of(token: Token) -> PreferencesPage:
    return PreferencesPage.PREFERENCES if allows(token, Right.EVERYTHING) else PreferencesPage.SUBSCRIPTION


def show(token: Token, *, subscribers: SubscriberStore, now: datetime) -> Subscriber:
    """Return what we hold of the very address that a link was mailed to.

    Raises:
        ExpiredTokenError: We hold nothing (erased, never confirmed, or the reader has moved to another address), or the
            link may only leave by now.
    """
    subscriber = _held(own(subscribers, token.subscriber_id))
    check_still_speaks(token, subscriber, now=now)
    return subscriber


def _save(token: Token, choices: PreferencesForm, ports: PreferencePorts, month: str, now: datetime) -> Changed:
    reader_fields = ports.reader_fields()
    subscriber = show(token, subscribers=ports.subscribers, now=now)
    if problems := choices.answers(subscriber, reader_fields).problems:
        return Changed(PreferencesPage.PREFERENCES, subscriber, problems=problems, typed=choices.typed)
    saved = save(
        token,
        choices,
        subscribers=ports.subscribers,
        topics_of_issues=ports.topics(),
        reader_fields=reader_fields,
        offers_digest=ports.offers_digest(),
        month=month,
        now=now,
    )
    return Changed(PreferencesPage.PREFERENCES, saved, choices.action)


def save(
    token: Token,
    choices: PreferencesForm,
    *,
    subscribers: SubscriberStore,
    topics_of_issues: Collection[str],
    reader_fields: Sequence[ReaderField] = (),
    offers_digest: bool = False,
    month: str = "",
    now: datetime,
) -> Subscriber:
    """Change name, language, muted topics, how often to hear from us, and the answers to the publisher's fields.

    Args:
        token: The link.
        choices: What was sent.
        subscribers: The list.
        topics_of_issues: What the newest issues are about.
        reader_fields: What the publisher asks of readers.
        offers_digest: Whether the reader may choose a monthly digest.
        month: The present one, by the newsletter's clock; needed where there is that choice.
        now: The moment.

    Raises:
        ExpiredTokenError: We hold nothing, or the link may only leave by now.
        StoreBusyError: Not changed; try again.
    """

    def rule(subscriber: Subscriber) -> Subscriber:
        muted = tuple(sorted(choices.muted(subscriber, topics_of_issues)))
        answered = choices.answers(subscriber, reader_fields).over(subscriber.fields)
        name = clean_name(choices.name)
        rhythm_chosen = (
            choices.reading_rhythm if offers_digest and choices.reading_rhythm else subscriber.reading_rhythm
        )
        chosen = with_rhythm(subscriber, rhythm_chosen, month=month)
        return replace(chosen, name=name, lang=choices.lang, muted_topics=muted, fields=answered)

    return _update(token, rule, subscribers, now)


def rest(
    token: Token, rests_until: date | None, *, subscribers: SubscriberStore, today: date, now: datetime
) -> Subscriber:
    """Send a subscriber no issue until a day; None ends the rest.

    Raises:
        ExpiredTokenError: We hold nothing, or only somebody who is not a subscriber, or the link may only leave by now.
        StoreBusyError: Not changed; try again.
    """
    return _update(token, lambda subscriber: resting(subscriber, rests_until, today=today), subscribers, now)


def _update(
    token: Token, rule: Callable[[Subscriber], Subscriber], subscribers: SubscriberStore, now: datetime
) -> Subscriber:
    updated = update_by_link(subscribers, token, rule, busy=BUSY, now=now)
    return _held(updated.after if updated else None)


def _held(subscriber: Subscriber | None) -> Subscriber:
    if subscriber is None:
        raise ExpiredTokenError("we hold nothing about this address any more; sign up again if you like")
    return subscriber


def _mail_link(subscriber_id: str, network: str, ports: PreferencePorts, now: datetime) -> Changed:
    # It goes to the address on record, so a link that may only leave may ask for it too.
    if ports.limiter.may_ask_for_link(subscriber_id, network, to_everything=True, now=now).allowed:
        ports.greet_queue.greet(Greeting(Occasion.ACCOUNT_LINK, subscriber_id, now))
    return Changed(PreferencesPage.LINK_SENT)


def _change_email(form: PreferencesForm, token: Token, network: str, ports: PreferencePorts, now: datetime) -> Changed:
    # Each time two mailboxes get an email; whoever asks too often gets the same answer as everybody.
    if ports.limiter.may_ask_for_link(token.subscriber_id, network, to_everything=True, now=now).allowed:
        try:
            move(token, form.new_email, network=network, ports=ports, now=now)
        except InvalidEmailError as exc:
            subscriber = show(token, subscribers=ports.subscribers, now=now)
            return Changed(PreferencesPage.PREFERENCES, subscriber, problem=str(exc))
    return Changed(PreferencesPage.ADDRESS_CHANGE_SENT)


def move(token: Token, email: str, *, network: str = "", ports: PreferencePorts, now: datetime) -> None:
    """Ask the new address to confirm, and inform the old one; until then everything stays as it is.

    The answer is the same whether or not the new address is on the list already.

    Raises:
        InvalidEmailError: The new address cannot be an address.
        ExpiredTokenError: We hold nothing, or only somebody who is not a subscriber, or the link may only leave by now.
        StoreBusyError: Not recorded; try again.
    """
    mailbox = ports.addresses.mailbox(email)
    new_id = ports.addresses.subscriber_id(mailbox)

    def rule(subscriber: Subscriber) -> Subscriber:
        if subscriber.status is not Status.CONFIRMED:
            raise ExpiredTokenError("this subscription has ended; sign up with the new address instead")
        return with_move(subscriber, Move(new_id=new_id, email=mailbox.email, asked_at=now))

    _update(token, rule, ports.subscribers, now)
    # Both are queued whatever stands at the new address, so that neither answer nor time tells; `greet` decides.
    came_from = network_name(network, key=ports.seal_key, now=now)
    ports.greet_queue.greet(Greeting(Occasion.MOVE, token.subscriber_id, now, network=came_from))
    ports.greet_queue.greet(Greeting(Occasion.MOVING, token.subscriber_id, now))


def erase(subscriber_id: str, *, subscribers: SubscriberStore, suppressions: SuppressionStore, now: datetime) -> bool:
    """Forget the subscriber and keep only a keyed hash that says not to mail; return whether there was one.

    Both happen in one step, for the address and for each that the reader moved away from. A change of address that
    waits for its confirmation is part of the record, and goes too; one that is confirmed in this very moment takes the
    erasure along.

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
    erased = [_erase_one(address_id, subscribers, suppressions, now) for address_id in reversed(ids[1:])]
    stays = record is not None and not record.moved_to
    return any([*erased, _erase_one(subscriber_id, subscribers, suppressions, now, has_not_moved=stays)])


def _erase_one(
    subscriber_id: str,
    subscribers: SubscriberStore,
    suppressions: SuppressionStore,
    now: datetime,
    *,
    has_not_moved: bool = False,
) -> bool:
    tombstone = Suppression(subscriber_id, SuppressionReason.ERASED, now)

    def attempt() -> bool | Literal[Race.LOST]:
        record = subscribers.get(subscriber_id)
        if record is None:
            return False
        if has_not_moved and record.moved_to:  # since this erasure began
            return erase(record.moved_to, subscribers=subscribers, suppressions=suppressions, now=now)
        return True if suppressions.erase(tombstone, record) else LOST

    return win(attempt, busy="the erasure could not be recorded; try again in a minute")
