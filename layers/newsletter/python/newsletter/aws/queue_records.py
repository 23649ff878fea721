"""The batch loop of the queue functions, with a line in the log for each record that failed.

Powertools reports a failed record to SQS and keeps the reason to itself; whoever looks after a dead letter needs it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType


class QueueRecords(BatchProcessor):
    """Hands over one record after the other; those that raise go back to the queue, the others do not."""

    def __init__(self, logger: Logger) -> None:
        super().__init__(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
        self._logger = logger

    def failure_handler(self, record: Any, exception: Any) -> Any:
        """Log why the record failed, once, with its id."""
        self._logger.error("failed", extra={"message_id": record.message_id}, exc_info=exception)
        return super().failure_handler(record, exception)


class QueueRecordsAtOnce(QueueRecords):
    """Hands over all records at the same time, for work that mostly waits; otherwise the same."""

    def process(self) -> list[Any]:
        """Return what became of each record, in their order."""
        with ThreadPoolExecutor(max(1, len(self.records))) as threads:
            return list(threads.map(self._process_record, self.records))
