"""What steering a send needs from the outside world, and what operators need beside it."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.issues.ports import ContentStore, IssueStore, PublishQueue
from newsletter.readers.ports import Addresses, SubscriberStore
from newsletter.sending.ports import AcceptedRecipients, SendQueues, SendStore
from newsletter.sending.readers_of_issue import ReadersOfIssue, readers_without_choice
from newsletter.sending.ses_ports import IssueTransport


@dataclass(frozen=True, slots=True)
class SteeringPorts:
    """What people touch who pause, resume and cancel a send, or send again: nothing of a reader but an id."""

    sends: SendStore
    evidence: AcceptedRecipients
    issues: IssueStore
    queues: SendQueues
    publish_queue: PublishQueue


@dataclass(frozen=True, slots=True)
class ControlPorts(SteeringPorts):
    """What operators touch: they also mail tests, and look somebody up."""

    content: ContentStore
    subscribers: SubscriberStore
    addresses: Addresses
    transport: IssueTransport
    readers_of: ReadersOfIssue = readers_without_choice
