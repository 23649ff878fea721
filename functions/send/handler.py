"""Batch queue: hand the batches to SES side by side, one per record, and report the failed records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.aws.garbage import collect_seldom
from newsletter.aws.queue_records import QueueRecordsAtOnce
from newsletter.feedback.jobs.hold_rest_back import Turn, hold_rest_back
from newsletter.sending.adapters.send_queues import read_batch, read_warm_up
from newsletter.sending.jobs.send_batch import send_batch
from newsletter.wiring import app
from newsletter.wiring.metered import metered

logger = Logger()
processor = QueueRecordsAtOnce(logger)


def send_record(record: SQSRecord) -> None:
    if slug := read_warm_up(record.body):
        return logger.info("warm", extra={"issue": slug, "known": app().sends.get(slug) is not None})
    batch = read_batch(record.body)
    app().meter.serve(batch.slug)
    if hold_rest_back(batch.slug, batch.batch, ports=app().first_wave_ports) is Turn.LATER:
        return logger.info(
            "batch", extra={"issue": batch.slug, "batch": batch.batch, "result": "behind the first wave"}
        )
    handed = send_batch(
        batch.slug,
        batch.batch,
        claim=uuid4().hex,
        ports=app().send_ports,
        links=app().links,
        reply_to=app().newsletter.reply_to,
        today=app().rhythm.local_date(datetime.now(UTC)),
    )
    details = {"issue": batch.slug, "batch": batch.batch, "result": handed.result}
    return logger.info("batch", extra={**details, "sent": handed.sent, "waiting": handed.waiting})


@logger.inject_lambda_context
@metered("send")
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    _ = (
        app().send_ports,
        app().first_wave_ports,
        app().account,
        app().links,
    )  # built before the threads: botocore makes no clients in two at once
    collect_seldom()
    return process_partial_response(event, send_record, processor, context)
