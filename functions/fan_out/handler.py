"""Plan queue: one message per shard of the audience, then one per part of the list. Writes batches and queues them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.aws.queue_records import QueueRecords
from newsletter.sending.adapters.send_queues import SweepMessage, read_plan, read_warm_up
from newsletter.sending.jobs.fan_out import fan_out
from newsletter.sending.jobs.sweep import sweep
from newsletter.wiring import app
from newsletter.wiring.metered import metered

logger = Logger()
processor = QueueRecords(logger)

TIME_TO_HAND_OVER = 30_000
"""Milliseconds before the end at which a run stops planning and leaves the rest to a fresh one."""


def plan_record(record: SQSRecord, lambda_context: LambdaContext) -> None:
    if slug := read_warm_up(record.body):
        return logger.info("warm", extra={"issue": slug, "known": app().sends.get(slug) is not None})
    plan, now = read_plan(record.body), datetime.now(UTC)
    app().meter.serve(plan.slug)
    sends, sweeps, queues, subscribers = app().sends, app().sweeps, app().queues, app().subscribers
    if isinstance(plan, SweepMessage):
        swept = sweep(
            plan.slug, plan.part, sends=sends, sweeps=sweeps, readers=subscribers, queues=queues, now=now
        )  # fmt: skip
        details = {"issue": plan.slug, "part": plan.part, "found": swept.found, "finished": swept.finished}
        return logger.info("swept", extra=details)
    planned = fan_out(
        plan.slug, plan.shard, sends=sends, audience=subscribers, sending_account=app().account, queues=queues,
        sweeps=sweeps, out_of_time=lambda: lambda_context.get_remaining_time_in_millis() < TIME_TO_HAND_OVER, now=now,
    )  # fmt: skip
    details = {"issue": plan.slug, "shard": plan.shard, "batches": planned.batches, "finished": planned.finished}
    return logger.info("planned", extra=details)


@logger.inject_lambda_context
@metered("fan_out")
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event, plan_record, processor, context)
