"""The button behind the confirmation link: from here on the subscriber is in the audience."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal

from newsletter.core.link_token import Token
from newsletter.core.races import LOST, Race, win
from newsletter.errors import ExpiredTokenError
from newsletter.readers.domain.consent import Consent, network_hash
from newsletter.readers.domain.greeting import Greeting, Occasion
from newsletter.readers.domain.link_rights import Confirmed, Press
from newsletter.readers.domain.pending_sign_up import PendingSignUp
from newsletter.readers.domain.subscriber import Status, sign_up_number
from newsletter.readers.domain.subscriber import confirm as confirmed
from newsletter.readers.domain.suppression import Suppression
from newsletter.readers.ports import SignUpPorts

WELCOME_DELAY = 2
"""Seconds."""


def confirm(press: Press, *, ports: SignUpPorts, seal_key: str, now: datetime) -> Confirmed:
    """Confirm the subscriber and complete the receipt; a second click changes nothing.

    Raises:
        ExpiredTokenError: The subscriber left after this link was made, or was never confirmed in time.
        StoreBusyError: Try again.
    """
    return win(
        lambda: _attempt(press, ports, seal_key, now),
        busy="this subscription is being changed at the same moment; try again",
    )


def _attempt(press: Press, ports: SignUpPorts, seal_key: str, now: datetime) -> Confirmed | Literal[Race.LOST]:
    token = press.token
    before = ports.subscribers.get(token.subscriber_id)
    # Behind the record: a suppression that comes later still changes the record, and so refuses our write.
    suppression = ports.suppressions.get(token.subscriber_id)
    if suppression is not None and not _lifted(suppression, token):
        raise ExpiredTokenError("this link is no longer valid; sign up again to get a new one")
    asked = sign_up_number(before, token.sign_up) if before else None
    receipt = _receipt(asked, press, seal_key, now)
    after = before and confirmed(before, asked, link_made_at=token.made_at, consent=receipt, now=now)
    if before is None or after is None:
        raise ExpiredTokenError("this link is no longer valid; sign up again to get a new one")
    if suppression is not None:
        # First the tombstone, then the consent: cut off between the two, nobody is mailed, and a click goes on.
        ports.suppressions.lift(token.subscriber_id)
    already = before.status is Status.CONFIRMED
    if not already:
        # Before the write, and a little later: whoever is not confirmed by then gets no welcome, and an answer
        # that says "nothing was changed" is true.
        ports.greet_queue.greet(Greeting(Occasion.WELCOME, token.subscriber_id, now), delay=WELCOME_DELAY)
    return Confirmed(after, already) if already or ports.subscribers.save(after) else LOST


def _lifted(suppression: Suppression, token: Token) -> bool:
    """Return whether this link is newer than the request to be forgotten; an older one confirms nobody any more."""
    return suppression.lifted_by_sign_up and token.made_at >= suppression.since.replace(microsecond=0)


def _receipt(asked: PendingSignUp | None, press: Press, seal_key: str, now: datetime) -> Consent | None:
    if asked is None or asked.consent is None:
        return None
    network = network_hash(press.network, seal_key)
    return replace(asked.consent, confirmed_at=now, confirmed_network=network).sealed(seal_key)
