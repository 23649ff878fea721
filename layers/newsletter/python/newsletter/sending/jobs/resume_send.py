"""Somebody lets a held send go on."""

from __future__ import annotations

from datetime import datetime

from newsletter.errors import InvalidRequestError, UnknownSendError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.domain.shard import shards
from newsletter.sending.domain.send import TAKEN_UP_AFTER, Send, SendState
from newsletter.sending.steering_ports import SteeringPorts


def resume_send(slug: str, *, ports: SteeringPorts, now: datetime) -> Send:
    """Open the send again, and wake its planners once its page stands; they queue whatever waits.

    An issue that was held is released with it: what goes on is public. Resuming an open send only wakes.

    Raises:
        UnknownSendError: There is no such send.
        InvalidRequestError: It is through, being cancelled, or its issue was withdrawn.
    """
    send = ports.sends.get(slug)
    if send is None:
        raise UnknownSendError(f"there is no send of {slug}; it begins when its slot comes")
    if send.state not in (SendState.OPEN, SendState.PAUSED):
        raise InvalidRequestError(f"the send of {slug} is {send.state} and cannot be resumed")
    record = ports.issues.get(slug)
    if record is not None and record.withdrawn:
        raise InvalidRequestError(f"the file of {slug} was removed; put it back before the send goes on, or cancel it")
    ports.queues.settle(slug, delay=TAKEN_UP_AFTER)
    ports.sends.resume(slug, now=now)
    if record is not None and record.status is IssueStatus.PAUSED:
        ports.issues.set_status(slug, IssueStatus.SENDING)
    if record is not None and record.held:
        ports.issues.hold(slug, held=False, noted=f"{now.isoformat(timespec='seconds')} release {record.content_hash}")
    if send.rehearsal_of:
        ports.queues.plan(slug, shards(send.shards))
    else:
        ports.publish_queue.refresh_archive(slug, then_plan=True)
    ports.sends.change(slug, Send.with_planners_called)
    ports.queues.settle(slug)
    return ports.sends.get(slug) or send
