"""Webhook queue: one event for one endpoint ({"endpoint", "delivery"}); it is signed and sent, or put aside for later.

What is to be tried again is put aside in the queue, and comes again when its time has come.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.aws.queue_records import PutAsideError, QueueRecordsAtOnce
from newsletter.desk.adapters.webhooks.delivery_queue import read_delivery
from newsletter.desk.webhooks.deliver import deliver
from newsletter.wiring import app

logger = Logger()


processor = QueueRecordsAtOnce(logger)


def deliver_record(record: SQSRecord) -> None:
    message = read_delivery(record.body)
    delivered = deliver(message.endpoint_id, message.entry, ports=app().deliver_ports, now=datetime.now(UTC))
    logger.info("webhook", extra={"endpoint": message.endpoint_id, "result": delivered.result})
    if delivered.wait is not None:
        app().deliveries_aside.put_aside(record.receipt_handle, delivered.wait)
        raise PutAsideError


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event, deliver_record, processor, context)
