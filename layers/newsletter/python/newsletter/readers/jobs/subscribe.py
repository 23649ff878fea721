"""A sign-up: remember the wish, sealed with the words that were agreed to, and leave the mail to a queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsletter.errors import StoreBusyError
from newsletter.readers.domain.consent import Consent, network_hash
from newsletter.readers.domain.greeting import Greeting, Occasion
from newsletter.readers.domain.subscriber import clean_name, sign_up
from newsletter.readers.ports import Addresses, SignUpPorts

TRIES = 5
"""Writers of one mailbox at one moment: a double click, a retry. More is an attack, and may be told to wait."""

LONGEST_SOURCE = 200
"""Characters of the page's address that a receipt keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """What the form said, and where it came from."""

    email: str
    name: str = ""
    source: str = ""
    lang: str = ""
    words: str = ""
    """What the form said above its fields, in that language."""
    network: str = ""
    """The network address; only its keyed hash is kept."""


def subscribe(
    wish: SignUp, *, addresses: Addresses, ports: SignUpPorts, seal_key: str, delay: int, now: datetime
) -> str:
    """Record the wish, queue the greeting, and return the subscriber's id.

    Whoever it is (new, known, suppressed), the same is done: one read of each table, one write, one message. So
    neither the answer nor the time it takes tells who is on the list. Which mail follows is decided by `greet`.

    Units: `delay` in seconds.

    Raises:
        InvalidEmailError: The address cannot be an address.
        StoreBusyError: The person may try again at once.
    """
    mailbox = addresses.mailbox(wish.email)
    who = addresses.subscriber_id(mailbox)
    network = network_hash(wish.network, seal_key)
    page = wish.source[:LONGEST_SOURCE]
    consent = Consent(asked_at=now, page=page, words=wish.words, network=network).sealed(seal_key)
    suppression = ports.suppressions.get(who)
    for _ in range(TRIES):
        known = ports.subscribers.get(who)
        if suppression is not None and not suppression.lifted_by_sign_up:
            ports.suppressions.pretend(suppression)
            break
        wanted = sign_up(
            known, subscriber_id=who, email=mailbox.email, name=clean_name(wish.name), lang=wish.lang, consent=consent
        )
        if ports.subscribers.save(wanted):
            break
    else:
        raise StoreBusyError("this address is being signed up many times at once; try again in a minute")
    ports.greet_queue.greet(Greeting(Occasion.SIGN_UP, who, now), delay=delay)
    return who
