"""Publish queue: S3's events about issues/ and settings/, pages to write, hours that have come. Reports what failed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.aws.queue_records import QueueRecords
from newsletter.control.asked_task import do_asked_task
from newsletter.control.look_at_upload import look_at_upload
from newsletter.issues.adapters.publish_queue import read_looks, read_refresh, read_year, then_plans
from newsletter.issues.jobs.refresh_archive import refresh_archive
from newsletter.sending.jobs.plan_opened_send import plan_opened_send
from newsletter.wiring import app
from newsletter.wiring.metered import metered

logger = Logger()
processor = QueueRecords(logger, lambda: app().queue_at(app().settings.publish_queue_url))


def publish_record(record: SQSRecord) -> None:
    now, body = datetime.now(UTC), record.body
    if (slug := read_refresh(body)) is not None:
        app().renew_style()
        done = refresh_archive(slug, ports=app().archive_ports, rhythm=app().rhythm, now=now, year=read_year(body))
        if done.stands and then_plans(body):
            plan_opened_send(slug, sends=app().sends, queues=app().queues)
        logger.info("refresh", extra={"slug": slug, "changed": done.changed})
    elif (asked := do_asked_task(body, app(), now)) is not None:
        logger.info(asked.kind, extra={"done": asked.done})
    else:
        for upload in read_looks(body):
            result = look_at_upload(upload, app(), now)
            logger.info("upload", extra={"key": upload.key, "removed": upload.removed, "result": result})


@logger.inject_lambda_context
@metered("publish")
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event, publish_record, processor, context)
