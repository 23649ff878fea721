"""A link by email, to leave or to see and change everything, for whoever has no fresh one at hand."""

from __future__ import annotations

from datetime import datetime

from newsletter.errors import InvalidEmailError
from newsletter.readers.domain.greeting import Greeting, Occasion
from newsletter.readers.domain.link_request import RequestedLink
from newsletter.readers.ports import LinkRequestPorts


def ask_for_link(
    occasion: Occasion, email: str, network: str, *, ports: LinkRequestPorts, now: datetime
) -> RequestedLink:
    """Queue the email with the link, unless a limit is reached; whether it leaves is decided by `greet`.

    The page that answers is the same for every valid address.

    Raises:
        NetworkFullError: Too many asked from this network; the person may try again in an hour.
        StoreBusyError: Nothing was decided; the person may try again.
    """
    try:
        subscriber_id = ports.addresses.subscriber_id(ports.addresses.mailbox(email))
    except InvalidEmailError as exc:
        return RequestedLink(occasion=occasion, problem=str(exc))
    everything = occasion is Occasion.ACCOUNT_LINK
    verdict = ports.limiter.may_ask_for_link(subscriber_id, network, to_everything=everything, now=now)
    if verdict.allowed:
        ports.greet_queue.greet(Greeting(occasion, subscriber_id, now))
    return RequestedLink(occasion=occasion, subscriber_id=subscriber_id, stopped_by=verdict.reason)
