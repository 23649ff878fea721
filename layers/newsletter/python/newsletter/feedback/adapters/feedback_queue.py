"""The queue of SES's reports: what cannot be recorded now waits longer each time, what nobody can read is put aside.

Lambda leaves the visibility of a message alone that the function names as failed, so what is set here holds.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from newsletter.aws.queue import CALL, SqsQueue
from newsletter.errors import StoreBusyError
from newsletter.feedback.domain.queued_report import QueuedReport

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def queued_report(sqs_record: Mapping[str, Any]) -> QueuedReport:
    """Return a record as Lambda's event has it."""
    receptions = sqs_record.get("attributes", {}).get("ApproximateReceiveCount", "1")
    return QueuedReport(sqs_record["messageId"], sqs_record["receiptHandle"], sqs_record["body"], int(receptions))


class SqsFeedbackQueue:
    """The feedback queue and its dead letters."""

    def __init__(self, client: SQSClient, *, queue_url: str, dead_letters_url: str) -> None:
        self._client = client
        self._queue_url = queue_url
        self._dead_letters_url = dead_letters_url

    def put_aside(self, report: QueuedReport) -> None:
        """Put a copy of the message among the dead letters.

        Raises:
            StoreBusyError: SQS did not take it.
        """
        try:
            self._client.send_message(QueueUrl=self._dead_letters_url, MessageBody=report.body)
        except (BotoCoreError, ClientError) as exc:
            raise StoreBusyError("SQS did not take a dead letter") from exc

    def hide(self, reports: Sequence[QueuedReport]) -> None:
        """Keep messages out of sight for as long as each of them waits.

        Raises:
            StoreBusyError: SQS did not do it; they come back when the queue's own time is over.
        """
        for start in range(0, len(reports), CALL):
            try:
                self._client.change_message_visibility_batch(
                    QueueUrl=self._queue_url,
                    Entries=[
                        {
                            "Id": str(number),
                            "ReceiptHandle": report.receipt,
                            "VisibilityTimeout": int(report.wait.total_seconds()),
                        }
                        for number, report in enumerate(reports[start : start + CALL])
                    ],
                )
            except (BotoCoreError, ClientError) as exc:
                raise StoreBusyError("SQS did not hide messages") from exc

    def ask_for_replay(self, names: Sequence[str]) -> None:
        """Queue the reading of objects of the archive of evidence.

        Raises:
            StoreBusyError: SQS did not take every message.
        """
        SqsQueue(lambda: self._client, self._queue_url).put([{REPLAY: name} for name in names])


REPLAY = "replay"
"""Key of a message that names an object of the archive of evidence, instead of being a report itself."""
