"""The queue of deliveries: a message for each event and endpoint, so that none waits for another's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from newsletter.aws.queue import SqsQueue, message_fields
from newsletter.desk.webhooks.delivery import Delivery, is_entry
from newsletter.desk.webhooks.endpoint import is_endpoint_id
from newsletter.errors import MalformedMessageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sqs import SQSClient

LONGEST_ASIDE = timedelta(hours=12)
"""SQS puts no message aside for longer."""


class SqsDeliveryQueue:
    """Messages {"endpoint", "delivery"}: two names of records, and nothing of what happened."""

    def __init__(self, queue: SqsQueue) -> None:
        self._queue = queue

    def put(self, deliveries: Sequence[Delivery]) -> None:
        """Queue deliveries."""
        self._queue.put([{"endpoint": each.endpoint_id, "delivery": each.entry} for each in deliveries])


@dataclass(frozen=True, slots=True)
class DeliveryMessage:
    """What a message of the queue says."""

    endpoint_id: str
    entry: str


def read_delivery(body: str) -> DeliveryMessage:
    """Return which delivery to try.

    Raises:
        MalformedMessageError: It is not one of our messages.
    """
    fields = message_fields(body, "endpoint", "delivery")
    if not (is_endpoint_id(fields["endpoint"]) and is_entry(fields["delivery"])):
        raise MalformedMessageError("the message names no delivery to an endpoint")
    return DeliveryMessage(fields["endpoint"], fields["delivery"])


class MessagesAside:
    """Puts messages that were received aside: they come again after a while, and are not deleted meanwhile."""

    def __init__(self, find_client: Callable[[], SQSClient], url: str) -> None:
        self._find_client = find_client
        self._url = url

    def put_aside(self, receipt_handle: str, wait: timedelta) -> None:
        """Let a message come again after this long; at once where it is no time at all."""
        seconds = int(min(max(wait, timedelta()), LONGEST_ASIDE).total_seconds())
        self._find_client().change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
        )
