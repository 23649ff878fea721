"""Somebody stops a send for good. `settle` brings its books to their end."""

from __future__ import annotations

from datetime import datetime

from newsletter.errors import InvalidRequestError, UnknownSendError
from newsletter.sending.domain.send import Send, SendState
from newsletter.sending.steering_ports import SteeringPorts


def cancel_send(slug: str, because: str, *, ports: SteeringPorts, now: datetime) -> Send:
    """Stop the send; whoever waits is skipped as cancelled, whoever is in doubt is settled by evidence alone.

    Raises:
        UnknownSendError: There is no such send.
        InvalidRequestError: It is through already.
    """
    ports.sends.cancel(slug, because=because, now=now)
    send = ports.sends.get(slug)
    if send is None:
        raise UnknownSendError(f"there is no send of {slug}; hold the issue, or set `send: never`, to keep it back")
    if send.state is not SendState.CANCELLING:
        raise InvalidRequestError(f"the send of {slug} is {send.state} and cannot be cancelled")
    ports.queues.settle(slug)
    return send
