"""A sign-up: remember the wish, and ask the mailbox whether it is its owner's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from newsletter.domain.link_token import Purpose
from newsletter.domain.links import Links
from newsletter.domain.subscriber import Subscriber, clean_name, sign_up, wants_confirmation
from newsletter.errors import StoreBusyError
from newsletter.ports import Addresses, SignUpPorts

TRIES = 5
"""Writers of one mailbox at one moment: a double click, a retry. More is an attack, and may be told to wait."""


@dataclass(frozen=True, slots=True)
class SignUp:
    """What the form said."""

    email: str
    name: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class SignedUp:
    """What came of it; for the log only, the person is always told the same."""

    subscriber_id: str
    mailed: bool


def subscribe(wish: SignUp, *, addresses: Addresses, ports: SignUpPorts, links: Links, now: datetime) -> SignedUp:
    """Record the wish as unconfirmed and mail the confirmation link, if one is due.

    Raises:
        InvalidEmailError: The address cannot be an address.
        SendThrottledError, SendOutcomeUnknownError, StoreBusyError: The person may try again at once.
    """
    mailbox = addresses.mailbox(wish.email)
    who = addresses.subscriber_id(mailbox)
    suppression = ports.suppressions.get(who)
    if suppression is not None and not suppression.lifted_by_sign_up:
        return SignedUp(who, mailed=False)
    for _ in range(TRIES):
        known = ports.subscribers.get(who)
        wanted = sign_up(
            known,
            subscriber_id=who,
            email=mailbox.email,
            name=clean_name(wish.name),
            source=wish.source[:200],
            now=now,
        )
        if not wants_confirmation(wanted, now=now):
            return SignedUp(who, mailed=False)
        # Written before the mail leaves: of two sign-ups at one moment only one gets to write, and to mail.
        marked = replace(wanted, confirmation_sent_at=now)
        if ports.subscribers.save(marked):
            _mail_confirmation(marked, ports, links, now)
            return SignedUp(who, mailed=True)
    raise StoreBusyError("this address is being signed up many times at once; try again in a minute")


def _mail_confirmation(subscriber: Subscriber, ports: SignUpPorts, links: Links, now: datetime) -> None:
    confirm_url = links.to(Purpose.CONFIRM, subscriber.subscriber_id, now=now)
    mail = ports.mails.mail("confirmation", confirm_url=confirm_url, name=subscriber.name)
    try:
        ports.mailer.send(subscriber.email, mail, kind="confirmation", subscriber_id=subscriber.subscriber_id)
    except Exception:
        # Nobody got a mail: the next try must not have to wait for the pause to end.
        current = ports.subscribers.get(subscriber.subscriber_id)
        if current is not None and current.confirmation_sent_at == now:
            ports.subscribers.save(replace(current, confirmation_sent_at=None))
        raise
