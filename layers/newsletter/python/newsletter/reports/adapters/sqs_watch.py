"""What the watch needs of SQS: how much failed for good, and a queue whose traffic says that all is well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from newsletter.aws.queue import SqsQueue
from newsletter.errors import StoreBusyError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

WAITING: Final = "ApproximateNumberOfMessages"


class StackDeadLetters:
    """The dead letters of one stack, whose queues CloudFormation names `<stack>-<in the template>-<by chance>`."""

    def __init__(self, client: SQSClient, stack: str) -> None:
        self._client = client
        self._stack = stack

    def count(self) -> int:
        """Return how many there are.

        Raises:
            StoreBusyError: SQS does not say.
        """
        try:
            listed = self._client.list_queues(QueueNamePrefix=f"{self._stack}-").get("QueueUrls", [])
            # Another stack may be called like this one with something behind it.
            ours = [url for url in listed if self._is_of_dead_letters(url.rpartition("/")[2])]
            return sum(self._waiting(url) for url in ours)
        except (BotoCoreError, ClientError) as exc:
            raise StoreBusyError("SQS does not say what failed for good") from exc

    def _is_of_dead_letters(self, queue: str) -> bool:
        return queue.removeprefix(f"{self._stack}-").split("-")[0].endswith("DeadLetters")

    def _waiting(self, url: str) -> int:
        said = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=[WAITING])
        return int(said["Attributes"][WAITING])


class SqsSignOfLife:
    """A queue that nobody reads: its metric costs nothing, and an alarm rings when it falls silent."""

    def __init__(self, queue: SqsQueue) -> None:
        self._queue = queue

    def all_well(self) -> None:
        """Say that a look went through and found nothing."""
        self._queue.put([{"all": "well"}])
