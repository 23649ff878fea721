"""The batch loop of the queue functions, with a line in the log for each record that failed.

Powertools reports a failed record to SQS and keeps the reason to itself; whoever looks after a dead letter needs it.

That SES takes nothing now is no failure of a record: it goes back into its queue as a new message, and waits there as
long as that lasts. Delivered again as a failure it would be a dead letter within the hour.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType
from botocore.exceptions import BotoCoreError, ClientError

from newsletter.aws.queue import WAITS_SINCE, SqsQueue
from newsletter.errors import NOTHING_NOW, is_lasting

RATE_DELAY = 60
"""Seconds until another try where SES takes email, but no more of it in this second."""

LASTING_DELAY = 900
"""Seconds where it takes none for hours; the longest delay SQS knows."""

KEPT_FOR_SES = timedelta(days=14)
"""What waited longer for SES is let go, with an error in the log: it speaks of things long past."""


class PutAsideError(Exception):
    """The record stays in the queue, where it was put aside and comes again by itself: nothing went wrong."""


class QueueRecords(BatchProcessor):
    """Hands over one record after the other; those that raise go back to the queue, the others do not."""

    def __init__(
        self, logger: Logger, own_queue: Callable[[], SqsQueue] | None = None, *, longest: int = LASTING_DELAY
    ) -> None:
        """Make a loop.

        Args:
            logger: Of the function.
            own_queue: Of the function, where its records mail somebody.
            longest: After how many seconds a record is tried again that waits for SES, at most.
        """
        super().__init__(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
        self._logger = logger
        self._queue = own_queue
        self._longest = longest

    def failure_handler(self, record: Any, exception: Any) -> Any:
        """Let the record wait if SES takes nothing now; else log why it failed, once, with its id.

        What was put aside is reported to SQS like a failure, which would delete it otherwise.
        """
        if isinstance(exception[1], PutAsideError):
            return super().failure_handler(record, exception)
        if self._queue is not None and isinstance(exception[1], NOTHING_NOW):
            try:
                self._put_back(record, self._queue(), exception[1])
            except (ClientError, BotoCoreError) as problem:
                self._logger.error("could not be put back", exc_info=problem)
            else:
                return self.success_handler(record, "waits")
        self._logger.error("failed", extra={"message_id": record.message_id}, exc_info=exception)
        return super().failure_handler(record, exception)

    def _put_back(self, record: Any, queue: SqsQueue, refusal: Exception) -> None:
        now = datetime.now(UTC)
        noted = record.raw_event.get("messageAttributes", {}).get(WAITS_SINCE)
        since = datetime.fromisoformat(noted["stringValue"]) if noted else now
        details = {"message_id": record.message_id, "because": str(refusal), "waits_since": since.isoformat()}
        if now - since >= KEPT_FOR_SES:
            self._logger.error("waited too long", extra=details)
            return
        delay = LASTING_DELAY if is_lasting(refusal) else RATE_DELAY
        queue.put_back(record.body, waits_since=since, delay=min(delay, self._longest))
        self._logger.info("waits", extra=details)


class QueueRecordsAtOnce(QueueRecords):
    """Hands over all records at the same time, for work that mostly waits; otherwise the same."""

    def process(self) -> list[Any]:
        """Return what became of each record, in their order."""
        with ThreadPoolExecutor(max(1, len(self.records))) as threads:
            return list(threads.map(self._process_record, self.records))
