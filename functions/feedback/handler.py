"""Feedback queue: what SES reports, up to a thousand notifications or twenty files at a time, recorded together."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.feedback.adapters.feedback_queue import queued_report
from newsletter.feedback.jobs.take_reports import take_reports
from newsletter.sending.domain.usage import reported
from newsletter.wiring import app
from newsletter.wiring.metered import metered

logger = Logger()


def _record(event: dict[str, Any]) -> PartialItemFailureResponse:
    # Not Powertools' batch loop: it hands over one record at a time, and together they cost a tenth of the writes.
    reports = [queued_report(record) for record in event["Records"]]
    taken = take_reports(reports, ports=app().taking_ports, now=datetime.now(UTC))
    for message_id, problem in taken.malformed.items():
        logger.warning("malformed", extra={"message_id": message_id, "problem": problem})
    for error in taken.errors:
        logger.error("failed", exc_info=error)
    served = Counter(each.slug if each.slug in taken.sends else "" for each in taken.events)
    for slug, count in served.items():
        app().meter.serve(slug, count)
    app().meter.use(
        reported(notification_count=taken.notifications, file_count=taken.files, stream_units=taken.stream_units)
    )
    logger.info(
        "feedback",
        extra={
            "files": taken.files,
            "events": dict(Counter(each.kind for each in taken.events)),
            "unknown_sends": taken.unknown_sends,
            "held": taken.held,
            "archived": taken.archived,
            "again": len(taken.again),
        },
    )
    return {"batchItemFailures": [{"itemIdentifier": report.message_id} for report in taken.again]}


@logger.inject_lambda_context
@metered("feedback")
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    del context
    return _record(event)
