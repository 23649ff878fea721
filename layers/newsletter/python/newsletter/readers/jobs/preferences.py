"""A subscriber's own page: what we hold, name, language and topics, another address, erasure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from newsletter.core.link_token import Token
from newsletter.errors import ExpiredTokenError, StoreBusyError
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.greeting import Greeting, Occasion
from newsletter.readers.domain.subscriber import Status, Subscriber, clean_name
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.readers.ports import Addresses, SignUpPorts, SubscriberStore, SuppressionStore

TRIES = 10


def show(token: Token, *, subscribers: SubscriberStore) -> Subscriber:
    """Return what we hold, under the newest address.

    Raises:
        ExpiredTokenError: We hold nothing: erased, or never confirmed.
    """
    known = subscribers.get(token.subscriber_id)
    while known is not None and known.moved_to:
        known = subscribers.get(known.moved_to)
    if known is None:
        raise ExpiredTokenError("we hold nothing about this address any more; sign up again if you like")
    return known


def save(
    token: Token, *, name: str, lang: str, muted_topics: Collection[str], subscribers: SubscriberStore
) -> Subscriber:
    """Change name, language and muted topics.

    Raises:
        ExpiredTokenError: We hold nothing.
        StoreBusyError: Not changed; try again.
    """
    for _ in range(TRIES):
        known = show(token, subscribers=subscribers)
        after = replace(known, name=clean_name(name), lang=lang, muted_topics=tuple(sorted(muted_topics)))
        if subscribers.save(after):
            return after
    raise StoreBusyError("the change could not be recorded; try again in a minute")


def move(token: Token, email: str, *, addresses: Addresses, ports: SignUpPorts, seal_key: str, now: datetime) -> None:
    """Ask the new address to confirm, and tell the old one; until then everything stays as it is.

    The answer is the same whether or not the new address is on the list already.

    Raises:
        InvalidEmailError: The new address cannot be an address.
        ExpiredTokenError: We hold nothing, or only somebody who is not a subscriber.
        StoreBusyError: Not recorded; try again.
    """
    mailbox = addresses.mailbox(email)
    new_id = addresses.subscriber_id(mailbox)
    old = show(token, subscribers=ports.subscribers)
    if old.status is not Status.CONFIRMED:
        raise ExpiredTokenError("this subscription has ended; sign up with the new address instead")
    suppression = ports.suppressions.get(new_id)
    if suppression is None or suppression.lifted_by_sign_up:
        _ask_new_address(token, new_id, mailbox.email, ports, seal_key, now)
    # After our own writes, which the mail's mark would otherwise have to race.
    ports.greet_queue.greet(Greeting(Occasion.MOVING, old.subscriber_id, now))


def _ask_new_address(token: Token, new_id: str, email: str, ports: SignUpPorts, seal_key: str, now: datetime) -> None:
    consent = Consent(asked_at=now, page="preferences").sealed(seal_key)
    for _ in range(TRIES):
        old = show(token, subscribers=ports.subscribers)
        known = ports.subscribers.get(new_id)
        if known is not None and known.status is Status.CONFIRMED:
            return
        wanted = replace(
            old,
            subscriber_id=new_id,
            email=email,
            status=Status.UNCONFIRMED,
            signed_up_at=now,
            consent=consent,
            confirmed_at=None,
            confirmation_sent_at=known.confirmation_sent_at if known else None,
            left_at=known.left_at if known else None,
            told_at=None,
            moves_from=old.subscriber_id,
            moving_to="",
            suppressed=known.suppressed if known else False,
            version=known.version if known else 0,
        )
        # The old record first: an erasure must find the new address, however far we got.
        if ports.subscribers.save(replace(old, moving_to=new_id)) and ports.subscribers.save(wanted):
            ports.greet_queue.greet(Greeting(Occasion.SIGN_UP, new_id, now))
            return
    raise StoreBusyError("the change could not be recorded; try again in a minute")


def erase(token: Token, *, subscribers: SubscriberStore, suppressions: SuppressionStore, now: datetime) -> bool:
    """Forget the subscriber and keep only a keyed hash that says not to mail; return whether there was one.

    Both happen in one step, for each address of the trail; cut off between two, the second click does the rest.

    Raises:
        StoreBusyError: Not erased; try again.
    """
    trail, who = [], token.subscriber_id
    while who and who not in trail:
        trail.append(who)
        known = subscribers.get(who)
        if known is not None and known.moving_to:
            pending = subscribers.get(known.moving_to)
            if pending is not None and pending.moves_from == who and pending.status is Status.UNCONFIRMED:
                trail.append(pending.subscriber_id)
        who = known.moved_to if known else ""
    # From the newest back, so that a signpost is taken down only when nobody is behind it any more.
    return any([_erase_one(each, subscribers, suppressions, now) for each in reversed(trail)])


def _erase_one(who: str, subscribers: SubscriberStore, suppressions: SuppressionStore, now: datetime) -> bool:
    for _ in range(TRIES):
        known = subscribers.get(who)
        if known is None:
            return False
        if suppressions.erase(Suppression(who, SuppressionReason.ERASED, now), known):
            return True
    raise StoreBusyError("the erasure could not be recorded; try again in a minute")
