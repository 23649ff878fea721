"""Recording a sign-up: the receipt, sealed with the words that were agreed to; the email is left to a queue."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.readers.domain.consent import Consent, network_hash
from newsletter.readers.domain.greeting import Greeting, Occasion
from newsletter.readers.domain.limits import Lane, network_name
from newsletter.readers.domain.sign_up import SignUp
from newsletter.readers.domain.subscriber import clean_name, sign_up
from newsletter.readers.ports import Addresses, SignUpPorts

LONGEST_SOURCE = 200
"""Characters of the page's address that a receipt keeps."""


def subscribe(
    form: SignUp,
    *,
    addresses: Addresses,
    ports: SignUpPorts,
    seal_key: str,
    lane: Lane = Lane.FAST,
    delay: int,
    now: datetime,
) -> str:
    """Record a sign-up, queue the email that follows it, and return the subscriber's id.

    Whoever it is (new, on the list, suppressed), the same is done: one read of each table, one write, one message. So
    neither the answer nor the time it takes tells who is on the list. Which email follows is decided by `greet`.

    Units: `delay` in seconds.

    Raises:
        InvalidEmailError: The address cannot be an address.
        StoreBusyError: The person may try again at once.
    """
    mailbox = addresses.mailbox(form.email)
    subscriber_id = addresses.subscriber_id(mailbox)
    network, page = network_hash(form.network, seal_key), form.source[:LONGEST_SOURCE]
    consent = Consent(
        asked_at=now, page=page, words=form.words, form_version=form.form_version, network=network
    ).sealed(seal_key)
    suppression = ports.suppressions.get(subscriber_id)

    def attempt() -> Literal[Race.LOST] | None:
        existing = ports.subscribers.get(subscriber_id)
        if suppression is not None and not suppression.lifted_by_sign_up:
            ports.suppressions.pretend(suppression)
            return None
        record = sign_up(
            existing,
            subscriber_id=subscriber_id,
            email=mailbox.email,
            name=clean_name(form.name),
            lang=form.lang,
            consent=consent,
        )
        return None if ports.subscribers.save(record) else LOST

    win(attempt, busy="this address is being signed up many times at once; try again in a minute")
    came_from = network_name(form.network, key=seal_key, now=now)
    ports.greet_queue.greet(Greeting(Occasion.SIGN_UP, subscriber_id, now, lane, network=came_from), delay=delay)
    return subscriber_id
