"""Settle queue: one send ({"settle": slug}), all open ones and the account (a clock), the suppressions (at night)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.aws.queue_records import QueueRecords
from newsletter.errors import AccountUnknownError, StoreBusyError
from newsletter.feedback.adapters.reconcile_queue import read_reconcile
from newsletter.feedback.domain.reconciliation import Reconciliation
from newsletter.feedback.jobs.reconcile_suppressions import reconcile_suppressions
from newsletter.feedback.jobs.watch_account import watch_account
from newsletter.issues.domain.issue import IssueStatus
from newsletter.reports.domain.vital_signs import Sign, of_account, of_sends
from newsletter.sending.adapters.send_queues import OPEN_SENDS, read_settle
from newsletter.sending.domain.send import Send, SendState
from newsletter.sending.jobs.count_audience import count_audience
from newsletter.sending.jobs.open_send import open_send
from newsletter.sending.jobs.settle import settle
from newsletter.wiring import app

logger = Logger()
processor = QueueRecords(logger)

ENOUGH_AT_ONCE = timedelta(seconds=60)
"""Of the function's two minutes; the rest is for what was begun. Then a message to ourselves goes on."""


def _look_at_all(now: datetime) -> None:
    failed: list[str] = []
    looked_at: list[Send] = []
    for status in (IssueStatus.SENDING, IssueStatus.PAUSED):  # doubts end in a paused send too
        for issue in app().issues.with_status(status):
            try:
                if app().sends.get(issue.slug) is None:
                    open_send(issue, opening=app().opening, now=now)  # cut off between the lock and the header
                looked_at.append(_look_at(issue.slug))
            except Exception:
                logger.exception("settle failed", extra={"issue": issue.slug})
                failed.append(issue.slug)  # and on to the others: one broken send must not hold them up
    held = bool(app().confirmation_watch.get().because)
    app().metrics.emit(of_sends(looked_at, confirmations_held=held, now=now))
    _look_at_account()
    count_audience(app().subscribers, app().audience_count, now=now)
    if failed:
        raise StoreBusyError(f"not settled: {', '.join(failed)}")


def _look_at_account() -> None:
    try:
        account = app().account.read()
    except AccountUnknownError:
        return  # the alarms stay as they are; the next look is near
    app().metrics.emit(of_account(account))
    watch_account(account, ports=app().account_ports)


def _reconcile(so_far: Reconciliation) -> None:
    now = datetime.now(UTC)
    found = reconcile_suppressions(so_far, ports=app().reconcile_ports, until=now + ENOUGH_AT_ONCE)
    logger.info("reconcile", extra={"found": asdict(found)})
    if not found.is_done:
        app().reconcile_queue.reconcile(found)
        return
    app().account_watch.keep(found, now=now)
    app().metrics.emit({Sign.SUPPRESSION_DRIFT: found.drift})


def _look_at(slug: str) -> Send:
    app().meter.serve(slug)
    now, hold = datetime.now(UTC), app().settings.unknown_policy == "hold"
    send, books = settle(slug, ports=app().settle_ports, grace=app().grace, hold=hold, now=now)
    details = {"issue": slug, "state": send.state, "late": send.is_late(now), "books": asdict(books)}
    logger.info("settle", extra=details)
    return send


def settle_record(record: SQSRecord) -> None:
    so_far = read_reconcile(record.body)
    if so_far is not None:
        _reconcile(so_far)
        return
    slug = read_settle(record.body)
    if slug == OPEN_SENDS:
        _look_at_all(datetime.now(UTC))
    elif _look_at(slug).state in (SendState.OPEN, SendState.CANCELLING):
        app().queues.settle(slug, delay=app().settings.settle_every_seconds)


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    with app().metering.of("settle", event, context):
        return process_partial_response(event, settle_record, processor, context)
