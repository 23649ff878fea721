"""Recording a sign-up: the receipt, sealed with the words that were agreed to; the email is left to a queue."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.readers.domain.consent import Consent, network_hash
from newsletter.readers.domain.greeting import Greeting, Occasion
from newsletter.readers.domain.limits import network_name
from newsletter.readers.domain.sign_up import SignUp
from newsletter.readers.domain.subscriber import Subscriber, clean_name, sign_up
from newsletter.readers.ports import Addresses, SignUpPorts

LONGEST_SOURCE = 200
"""Characters of the page's address that a receipt keeps."""


BUSY = "this address is being signed up many times at once; try again in a minute"


def subscribe(
    form: SignUp,
    *,
    addresses: Addresses,
    ports: SignUpPorts,
    seal_key: str,
    delay: int,
    now: datetime,
) -> str:
    """Record a sign-up that somebody of the team vouches for, queue the email that follows it, and return the id.

    A suppressed address is not recorded. Which email follows is decided by `greet`.

    Units: `delay` in seconds.

    Raises:
        InvalidEmailError: The address cannot be an address.
        StoreBusyError: The person may try again at once.
    """
    mailbox = addresses.mailbox(form.email)
    subscriber_id = addresses.subscriber_id(mailbox)
    form, consent = replace(form, email=mailbox.email), receipt(form, seal_key, now)
    suppression = ports.suppressions.get(subscriber_id)

    def attempt() -> Literal[Race.LOST] | None:
        existing = ports.subscribers.get(subscriber_id)
        record = signed_up(form, existing, subscriber_id=subscriber_id, consent=consent)
        return None if ports.subscribers.save(record) else LOST

    if suppression is None or suppression.lifted_by_sign_up:
        win(attempt, busy=BUSY)
    came_from = network_name(form.network, key=seal_key, now=now)
    ports.greet_queue.greet(Greeting(Occasion.SIGN_UP, subscriber_id, now, network=came_from), delay=delay)
    return subscriber_id


def receipt(form: SignUp, seal_key: str, now: datetime) -> Consent:
    """Return what is kept of the consent that a form carries, sealed."""
    network, page = network_hash(form.network, seal_key), form.source[:LONGEST_SOURCE]
    consent = Consent(asked_at=now, page=page, words=form.words, form_version=form.form_version, network=network)
    return consent.sealed(seal_key)


def signed_up(form: SignUp, existing: Subscriber | None, *, subscriber_id: str, consent: Consent) -> Subscriber:
    """Return the record of an address after this form; its `email` as we write to it."""
    return sign_up(
        existing,
        subscriber_id=subscriber_id,
        email=form.email,
        name=clean_name(form.name),
        lang=form.lang,
        consent=consent,
        fields=form.answers.over({}),
    )
