"""How many reports of SES wait in the queue of the function feedback, and lie among its dead letters.

SQS counts approximately: a message that just arrived can be missing for up to a minute. `CLOCKS_APART` allows for that.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from newsletter.errors import StoreBusyError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

COUNTS: tuple[QueueAttributeNameType, ...] = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
"""To be read, being read, and not to be read yet."""


class SqsEvidenceBacklog:
    """Asks SQS."""

    def __init__(self, client: SQSClient, *, queue_url: str, dead_letters_url: str) -> None:
        self._client = client
        self._queue_url = queue_url
        self._dead_letters_url = dead_letters_url

    def waiting(self) -> int:
        """Return how many wait or are being read."""
        return self._count(self._queue_url)

    def unreadable(self) -> int:
        """Return how many lie among the dead letters."""
        return self._count(self._dead_letters_url)

    def _count(self, url: str) -> int:
        """Raises: StoreBusyError: SQS does not say."""  # noqa: D402 - the whole story is the error
        try:
            said = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=COUNTS)["Attributes"]
        except (BotoCoreError, ClientError) as exc:
            raise StoreBusyError("SQS does not say how many reports of SES wait") from exc
        return sum(int(said[name]) for name in COUNTS)
