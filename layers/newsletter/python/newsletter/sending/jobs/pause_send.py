"""Somebody holds a send: nothing more is handed to SES until it is resumed."""

from __future__ import annotations

from datetime import datetime

from newsletter.errors import InvalidRequestError, UnknownSendError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.domain.send import PausedBy, Send, SendState
from newsletter.sending.steering_ports import SteeringPorts


def pause_send(slug: str, because: str, *, ports: SteeringPorts, now: datetime) -> Send:
    """Hold the send. Holding it again changes nothing; calls that are on their way to SES are not taken back.

    Raises:
        UnknownSendError: There is no such send.
        InvalidRequestError: It is through, or being cancelled.
    """
    ports.sends.pause(slug, because, by=PausedBy.PERSON, now=now)
    send = ports.sends.get(slug)
    if send is None:
        raise UnknownSendError(f"there is no send of {slug}; it begins when its slot comes")
    if send.state is not SendState.PAUSED:
        raise InvalidRequestError(f"the send of {slug} is {send.state} and cannot be paused")
    record = ports.issues.get(slug)
    if record is not None and record.status is IssueStatus.SENDING:
        ports.issues.set_status(slug, IssueStatus.PAUSED)
    return send
