"""The button behind the link that asks for a consent to be renewed: a new receipt, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from newsletter.core.registered_form import form_id
from newsletter.errors import ExpiredTokenError
from newsletter.readers.domain.consent import Consent, network_hash
from newsletter.readers.domain.link_rights import Confirmed, Press, check_still_speaks
from newsletter.readers.domain.renewal import consent_given_at, renewed
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.ports import SignUpPorts
from newsletter.readers.records import update

PAGE = "renewal"
"""Where the consent was asked for, as the receipt says."""

GONE = "this subscription has ended, so there is nothing to renew; sign up again if you like"


def renew_consent(
    press: Press, *, ports: SignUpPorts, words_in: Callable[[str], str], seal_key: str, now: datetime
) -> Confirmed:
    """Write the new receipt; a second press changes nothing. It brings nobody back who has left.

    Args:
        press: Whose link, and from where.
        ports: What a confirmation touches.
        words_in: Returns what the button said, in a language.
        seal_key: Seals the receipt.
        now: The moment.

    Raises:
        ExpiredTokenError: The reader left, moved, was erased, or has ended older links.
        StoreBusyError: Try again.
    """

    def rule(subscriber: Subscriber) -> Subscriber:
        check_still_speaks(press.token, subscriber, now=now)
        if subscriber.status is not Status.CONFIRMED:
            raise ExpiredTokenError(GONE)
        if consent_given_at(subscriber) >= press.token.made_at:
            return subscriber
        said = words_in(subscriber.lang)
        receipt = Consent(
            asked_at=subscriber.renewal_asked_at or press.token.made_at,
            page=PAGE,
            words=said,
            form_version=form_id(said, subscriber.lang) if subscriber.lang else form_id(said, PAGE),
            confirmed_at=now,
            confirmed_network=network_hash(press.network, seal_key),
        )
        return renewed(subscriber, receipt.sealed(seal_key))

    busy = "this subscription is being changed at the same moment; press the button again"
    updated = update(ports.subscribers, press.token.subscriber_id, rule, busy=busy)
    if updated is None:
        raise ExpiredTokenError(GONE)
    return Confirmed(updated.after, already=not updated.changed, renewed=True)
