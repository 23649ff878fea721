"""Leaving without an old mail: whoever types an address gets the same answer, and the mailbox gets the link."""

from __future__ import annotations

from datetime import datetime

from newsletter.domain.greeting import Greeting, Occasion
from newsletter.ports import Addresses, Queues


def ask_to_leave(email: str, *, addresses: Addresses, queues: Queues, now: datetime) -> str:
    """Queue a mail with the link to leave and return the subscriber's id, known or not.

    Raises:
        InvalidEmailError: The address cannot be an address.
    """
    who = addresses.subscriber_id(addresses.mailbox(email))
    queues.greet(Greeting(Occasion.LEAVE_LINK, who, now))
    return who
