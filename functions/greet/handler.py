"""Greet queue: one mail to one subscriber ({"occasion", "subscriber", "asked_at"}), or the daily reminders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.aws.queue_records import QueueRecords
from newsletter.readers.adapters.greet_queue import is_remind, read_greeting
from newsletter.readers.jobs.greet import greet
from newsletter.readers.jobs.remind import remind
from newsletter.wiring import app

logger = Logger()
processor = QueueRecords(logger, lambda: app().queue_at(app().settings.greet_queue_url))


def _remind(now: datetime) -> int:
    settings = app().settings
    return remind(
        ports=app().greet_ports,
        waiting=app().subscribers,
        links=app().links,
        reminder_after=timedelta(days=settings.reminder_after_days),
        unconfirmed_days=settings.unconfirmed_days,
        policy=app().policy,
        now=now,
    )


def greet_record(record: SQSRecord) -> None:
    now = datetime.now(UTC)
    if is_remind(record.body):
        logger.info("remind", extra={"mailed": _remind(now)})
        return
    greeting, ports, reply_to = read_greeting(record.body), app().greet_ports, app().newsletter.reply_to
    greeted = greet(greeting, ports=ports, links=app().links, reply_to=reply_to, policy=app().policy, now=now)
    # A metric filter in template.yaml counts by the word under `mail`.
    details = {"subscriber_id": greeting.subscriber_id, "occasion": greeting.occasion, "mail": greeted}
    logger.info("greet", extra=details)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event, greet_record, processor, context)
