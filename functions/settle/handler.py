"""Settle queue: look at one send ({"settle": slug}), or at all open ones (the five-minute clock)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.adapters.queue_records import QueueRecords
from newsletter.adapters.sqs_queues import OPEN_SENDS, read_settle
from newsletter.domain.issue import IssueStatus
from newsletter.domain.send import SendState
from newsletter.errors import StoreBusyError
from newsletter.jobs.open_send import open_send
from newsletter.jobs.settle import settle
from newsletter.wiring import app

logger = Logger()
processor = QueueRecords(logger)


def _look_at_all(now: datetime) -> None:
    failed: list[str] = []
    for status in (IssueStatus.SENDING, IssueStatus.PAUSED):  # doubts end in a paused send too
        for issue in app().issues.with_status(status):
            try:
                if app().sends.get(issue.slug) is None:
                    open_send(issue, opening=app().opening, now=now)  # cut off between the lock and the header
                _look_at(issue.slug)
            except Exception:
                logger.exception("settle failed", extra={"issue": issue.slug})
                failed.append(issue.slug)  # and on to the others: one broken send must not hold them up
    if failed:
        raise StoreBusyError(f"not settled: {', '.join(failed)}")


def _look_at(slug: str) -> SendState:
    app().meter.serve(slug)
    now, hold = datetime.now(UTC), app().settings.unknown_policy == "hold"
    send, books = settle(slug, ports=app().settle_ports, grace=app().grace, hold=hold, now=now)
    details = {"issue": slug, "state": send.state, "late": send.is_late(now), "books": asdict(books)}
    logger.info("settle", extra=details)
    return send.state


def settle_record(record: SQSRecord) -> None:
    slug = read_settle(record.body)
    if slug == OPEN_SENDS:
        _look_at_all(datetime.now(UTC))
    elif _look_at(slug) in (SendState.OPEN, SendState.CANCELLING):
        app().queues.settle(slug, delay=app().settings.settle_every_seconds)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    with app().metering.of("settle", event, context):
        return process_partial_response(event, settle_record, processor, context)
