"""A link to unsubscribe, by email, for whoever has no old issue at hand."""

from __future__ import annotations

from datetime import datetime

from newsletter.errors import InvalidEmailError
from newsletter.readers.domain.greeting import Greeting, Occasion
from newsletter.readers.domain.leaving import AskedToLeave
from newsletter.readers.ports import LeavePorts


def ask_to_leave(email: str, network: str, *, ports: LeavePorts, now: datetime) -> AskedToLeave:
    """Queue the email with the link, unless a limit is reached; whether it leaves is decided by `greet`.

    The page that answers is the same for every valid address.

    Raises:
        StoreBusyError: Nothing was decided; the person may try again.
    """
    try:
        subscriber_id = ports.addresses.subscriber_id(ports.addresses.mailbox(email))
    except InvalidEmailError as exc:
        return AskedToLeave(problem=str(exc))
    verdict = ports.limiter.may_ask_for_link(subscriber_id, network, now=now)
    if verdict.allowed:
        ports.greet_queue.greet(Greeting(Occasion.LEAVE_LINK, subscriber_id, now))
    return AskedToLeave(subscriber_id, stopped_by=verdict.reason)
