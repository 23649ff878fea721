"""How many reports of SES wait for the function feedback, in its queue or in files, and lie among its dead letters.

SQS counts approximately: a message that just arrived can be missing for up to a minute. `CLOCKS_APART` allows for that.
S3 lists every file as soon as it is written, also where the message with its name is still under way.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from newsletter.errors import StoreBusyError
from newsletter.feedback.adapters.s3_event_files import FOLDER

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType

COUNTS: tuple[QueueAttributeNameType, ...] = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
"""To be read, being read, and not to be read yet."""


class AwsEvidenceBacklog:
    """Asks SQS and S3."""

    def __init__(
        self, client: SQSClient, *, queue_url: str, dead_letters_url: str, s3_client: S3Client, bucket: str
    ) -> None:
        self._client = client
        self._s3_client = s3_client
        self._bucket = bucket
        self._queue_url = queue_url
        self._dead_letters_url = dead_letters_url

    def waiting(self) -> int:
        """Return how many messages and files wait or are being read; files are counted to a thousand."""
        return self._count(self._queue_url) + self._count_files()

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

    def _count_files(self) -> int:
        """Raises: StoreBusyError: S3 does not say."""  # noqa: D402 - the whole story is the error
        try:
            return self._s3_client.list_objects_v2(Bucket=self._bucket, Prefix=FOLDER)["KeyCount"]
        except (BotoCoreError, ClientError) as exc:
            raise StoreBusyError("S3 does not say which files of SES's events are not recorded") from exc
