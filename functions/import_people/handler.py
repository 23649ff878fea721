"""Import queue: {"describe"}, {"plan", "attempt"} or {"import", "attempt", "piece"}. Takes a list over by pieces."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.aws.queue_records import QueueRecords
from newsletter.readers.importing.adapters.import_queue import ImportTask, read_import_task
from newsletter.readers.importing.domain.list_import import ListImport
from newsletter.readers.importing.jobs.describe_upload import describe_upload
from newsletter.readers.importing.jobs.plan_pieces import plan_pieces
from newsletter.readers.importing.jobs.run_piece import run_piece
from newsletter.wiring import app

logger = Logger()
processor = QueueRecords(logger)


def _done(task: ImportTask, now: datetime) -> ListImport | None:
    ports = app().list_import_ports
    if task.verb == "describe":
        return describe_upload(task.import_id, ports=ports, now=now)
    if task.verb == "plan":
        return plan_pieces(task.import_id, task.attempt, ports=ports, now=now)
    return run_piece(task.import_id, task.attempt, task.piece, ports=ports, seal_key=app().address_key, now=now)


def import_record(record: SQSRecord) -> None:
    task = read_import_task(record.body)
    list_import = _done(task, datetime.now(UTC))
    # No name of the file: people call files after people.
    details = {"import": task.import_id, "verb": task.verb, "attempt": task.attempt, "piece": task.piece}
    if list_import is not None:
        details |= {"state": list_import.state, "rows": list_import.rows, "counted": list_import.counted}
    logger.info("import", extra=details)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event, import_record, processor, context)
