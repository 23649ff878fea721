"""Feedback queue: what SES reports through SNS, up to a hundred notifications at a time, recorded together."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.errors import MalformedMessageError, NewsletterError
from newsletter.feedback.adapters.ses_events import read_notification
from newsletter.feedback.domain.feedback import FeedbackEvent, refusals
from newsletter.feedback.jobs.break_circuit import break_circuit
from newsletter.feedback.jobs.hold_confirmations import hold_confirmations
from newsletter.feedback.jobs.record_engagement import record_engagement
from newsletter.feedback.jobs.record_feedback import record_feedback
from newsletter.feedback.jobs.record_refusal import record_refusal
from newsletter.wiring import app

logger = Logger()


def _take_back(said: list[FeedbackEvent], now: datetime) -> set[FeedbackEvent]:
    failed: set[FeedbackEvent] = set()
    for (slug, batch, outcome), about in refusals(said).items():
        who = {each.subscriber_id for each in about}
        try:
            record_refusal(slug, batch, who, outcome, sends=app().sends, queues=app().queues, now=now)
        except NewsletterError:  # also of a batch that cannot be read: it keeps none of the others back
            failed.update(about)
    return failed


def _record(event: dict[str, Any]) -> PartialItemFailureResponse:
    # Not Powertools' batch loop: it hands over one record at a time, and together they cost a tenth of the writes.
    now, topic_arn = datetime.now(UTC), app().settings.feedback_topic_arn
    events: dict[str, list[FeedbackEvent]] = {}
    again: list[str] = []
    for record in event["Records"]:
        message_id = record["messageId"]
        try:
            events[message_id] = read_notification(
                record["body"], topic_arn=topic_arn, addresses=app().addresses, now=now
            )
        except MalformedMessageError as problem:
            logger.warning("malformed", extra={"message_id": message_id, "problem": str(problem)})
            again.append(message_id)
    said = [each for about in events.values() for each in about]
    recorded = record_feedback(said, ports=app().feedback_ports, now=now)
    uncounted = record_engagement(recorded.engaged, engagement=app().engagement, now=now)
    for each in said:
        app().meter.serve(each.slug if each.slug in recorded.sends else "")
    failed = recorded.failed | uncounted | _take_back(said, now)
    held = break_circuit(
        recorded.news, sends=app().sends, evidence=app().evidence, queues=app().queues, breaker=app().breaker, now=now
    )
    hold_confirmations(recorded.news, ports=app().hold_ports, breaker=app().confirmation_breaker, now=now)
    again += [message_id for message_id, about in events.items() if not failed.isdisjoint(about)]
    logger.info(
        "feedback",
        extra={
            "events": dict(Counter(each.kind for each in said)),
            "unknown_sends": recorded.unknown_sends,
            "held": held,
            "again": len(again),
        },
    )
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    with app().metering.of("feedback", event, context, reported_by_sns=True):
        return _record(event)
