"""The button behind the confirmation link: from here on the subscriber is in the audience."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from newsletter.core.link_token import Token
from newsletter.errors import ExpiredTokenError, StoreBusyError
from newsletter.readers.domain.consent import Consent, network_hash
from newsletter.readers.domain.greeting import Greeting, Occasion
from newsletter.readers.domain.subscriber import Status, Subscriber, moved
from newsletter.readers.domain.subscriber import confirm as confirmed
from newsletter.readers.domain.suppression import Suppression
from newsletter.readers.ports import SignUpPorts

TRIES = 5

WELCOME_DELAY = 2
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Press:
    """A press of the button: whose link, and from where."""

    token: Token
    network: str = ""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Whom the button confirmed, and whether they were already."""

    subscriber: Subscriber
    already: bool


def confirm(press: Press, *, ports: SignUpPorts, seal_key: str, now: datetime) -> Confirmed:
    """Confirm the subscriber and complete the receipt; a second click changes nothing.

    Raises:
        ExpiredTokenError: The subscriber left after this link was made, or was never confirmed in time.
        StoreBusyError: Try again.
    """
    token = press.token
    for _ in range(TRIES):
        known = ports.subscribers.get(token.subscriber_id)
        # Behind the record: a suppression that comes later still changes the record, and so refuses our write.
        suppression = ports.suppressions.get(token.subscriber_id)
        if suppression is not None and not _lifted(suppression, token):
            raise ExpiredTokenError("this link is no longer valid; sign up again to get a new one")
        receipt = _receipt(known, press, seal_key, now)
        after = known and confirmed(known, link_made_at=token.made_at, consent=receipt, now=now)
        if known is None or after is None:
            raise ExpiredTokenError("this link is no longer valid; sign up again to get a new one")
        if suppression is not None:
            # First the tombstone, then the consent: cut off between the two, nobody is mailed, and a click goes on.
            ports.suppressions.lift(token.subscriber_id)
        already = known.status is Status.CONFIRMED
        if not already:
            # Before the write, and a little later: whoever is not confirmed by then gets no welcome, and an answer
            # that says "nothing was changed" is true.
            ports.greet_queue.greet(Greeting(Occasion.WELCOME, token.subscriber_id, now), delay=WELCOME_DELAY)
        if already or ports.subscribers.save(after):
            return Confirmed(_moved_in(after, ports, now), already)
    raise StoreBusyError("this subscription is being changed at the same moment; try again")


def _lifted(suppression: Suppression, token: Token) -> bool:
    """Return whether this link is newer than the wish to be forgotten; an older one speaks for nobody any more."""
    return suppression.lifted_by_sign_up and token.made_at >= suppression.since.replace(microsecond=0)


def _receipt(known: Subscriber | None, press: Press, seal_key: str, now: datetime) -> Consent | None:
    if known is None or known.consent is None:
        return None
    network = network_hash(press.network, seal_key)
    return replace(known.consent, confirmed_at=now, confirmed_network=network).sealed(seal_key)


def _moved_in(new: Subscriber, ports: SignUpPorts, now: datetime) -> Subscriber:
    """Turn the old address of a move into a signpost; repeated until both records say so."""
    for _ in range(TRIES):
        current = ports.subscribers.get(new.subscriber_id)
        if current is None or not current.moves_from:
            return current or new
        old = ports.subscribers.get(current.moves_from)
        if old is not None and not old.moved_to and not ports.subscribers.save(moved(old, new.subscriber_id, now=now)):
            continue
        if ports.subscribers.save(replace(current, moves_from="")):
            return current
    raise StoreBusyError("your new address is confirmed, but the old one is being changed; press the button again")
