"""Feedback queue: what SES reports through SNS, up to a hundred notifications at a time, recorded together."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.errors import MalformedMessageError
from newsletter.feedback.adapters.ses_events import read_notification
from newsletter.feedback.domain.feedback import FeedbackEvent
from newsletter.feedback.jobs.receive_feedback import receive_feedback
from newsletter.wiring import app
from newsletter.wiring.metered import metered

logger = Logger()


def _record(event: dict[str, Any]) -> PartialItemFailureResponse:
    # Not Powertools' batch loop: it hands over one record at a time, and together they cost a tenth of the writes.
    now, topic_arn = datetime.now(UTC), app().settings.feedback_topic_arn
    by_message: dict[str, list[FeedbackEvent]] = {}
    again: list[str] = []
    for record in event["Records"]:
        message_id = record["messageId"]
        try:
            by_message[message_id] = read_notification(
                record["body"], topic_arn=topic_arn, addresses=app().addresses, now=now
            )
        except MalformedMessageError as problem:
            logger.warning("malformed", extra={"message_id": message_id, "problem": str(problem)})
            again.append(message_id)
    events = [reported for about in by_message.values() for reported in about]
    received = receive_feedback(events, ports=app().reception_ports, now=now)
    for reported in events:
        app().meter.serve(reported.slug if reported.slug in received.sends else "")
    again += [message_id for message_id, about in by_message.items() if not received.failed.isdisjoint(about)]
    logger.info(
        "feedback",
        extra={
            "events": dict(Counter(reported.kind for reported in events)),
            "unknown_sends": received.unknown_sends,
            "held": received.held,
            "again": len(again),
        },
    )
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}


@logger.inject_lambda_context
@metered("feedback", reported_by_sns=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    del context
    return _record(event)
