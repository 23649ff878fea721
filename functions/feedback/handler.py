"""Feedback queue: what SES reports through SNS, up to a hundred notifications at a time, recorded together."""

from __future__ import annotations

from collections import Counter
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.adapters.ses_events import read_notification
from newsletter.domain.feedback import FeedbackEvent
from newsletter.errors import MalformedMessageError
from newsletter.jobs.record_feedback import record_feedback
from newsletter.wiring import app

logger = Logger()


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:  # noqa: ARG001 - Lambda's signature
    # Not Powertools' batch loop: it hands over one record at a time, and together they cost a tenth of the writes.
    events: list[FeedbackEvent] = []
    malformed: list[str] = []
    for record in event["Records"]:
        try:
            events += read_notification(record["body"], topic_arn=app().settings.feedback_topic_arn)
        except MalformedMessageError as problem:
            logger.warning("malformed", extra={"message_id": record["messageId"], "problem": str(problem)})
            malformed.append(record["messageId"])
    record_feedback(events, sends=app().sends, subscribers=app().subscribers, suppressions=app().suppressions)
    logger.info("feedback", extra={"events": dict(Counter(each.kind for each in events)), "malformed": len(malformed)})
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in malformed]}
