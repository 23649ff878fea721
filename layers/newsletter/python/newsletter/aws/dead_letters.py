"""Messages that failed for good: how many there are of each queue, and the way back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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

AT_ONCE = 8
"""Queues that are asked side by side, while somebody waits for a page."""

A_CALL = 10
"""The most that SQS hands out at once."""

MOST = 200
"""Messages that go back in one press of a button: what a function has time for."""

HELD = 60
"""Seconds for which a message is out of sight while it goes back; whatever is cut off comes back after."""


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """Counts and sends back, by the word of the queue in which messages failed."""

    client: SQSClient
    urls: Mapping[str, str]
    """Of the queues that messages failed in. Where their dead letters lie, the queues know themselves."""

    def counts(self) -> dict[str, int]:
        """Return how many dead letters each queue has; SQS counts with a delay of some seconds.

        Raises:
            StoreBusyError: SQS does not say.
        """
        with ThreadPoolExecutor(AT_ONCE) as threads:
            return dict(zip(self.urls, threads.map(self._count, self.urls), strict=True))

    def send_back(self, word: str) -> int:
        """Send dead letters back to their queue, at most `MOST`; return how many went.

        Each is sent first and deleted after: cut off in between, a message is there twice, and all of ours may arrive
        twice. No more go than there were, so that one that fails again at once does not go in a circle.

        Raises:
            StoreBusyError: SQS does not answer; press again.
        """
        source, most, moved = self._dead_letters_of(word), min(self._count(word), MOST), 0
        try:
            while source and moved < most:
                got = self.client.receive_message(
                    QueueUrl=source, MaxNumberOfMessages=min(A_CALL, most - moved), VisibilityTimeout=HELD
                ).get("Messages", [])
                if not got:
                    break
                for message in got:
                    self.client.send_message(QueueUrl=self.urls[word], MessageBody=message["Body"])
                    self.client.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
                    moved += 1
        except (BotoCoreError, ClientError) as exc:
            raise StoreBusyError(f"SQS does not send the dead letters of {word} back; press again") from exc
        return moved

    def _count(self, word: str) -> int:
        url = self._dead_letters_of(word)
        said = self._attributes(url, *COUNTS) if url else {}
        return sum(int(said.get(name, 0)) for name in COUNTS)

    def _dead_letters_of(self, word: str) -> str:
        """Return the address of the queue of the dead letters; nothing where a queue has none."""
        said = self._attributes(self.urls[word], "RedrivePolicy")
        policy = json.loads(said.get("RedrivePolicy", "{}"))
        name = policy.get("deadLetterTargetArn", "").rpartition(":")[2]
        return f"{self.urls[word].rpartition('/')[0]}/{name}" if name else ""

    def _attributes(self, url: str, *names: QueueAttributeNameType) -> Mapping[QueueAttributeNameType, str]:
        try:
            return self.client.get_queue_attributes(QueueUrl=url, AttributeNames=names).get("Attributes", {})
        except (BotoCoreError, ClientError) as exc:
            raise StoreBusyError("SQS does not say how many dead letters there are") from exc
