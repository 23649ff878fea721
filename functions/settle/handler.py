"""Settle queue: one send ({"settle": slug}), all open ones and the account (a clock); at night the list as well."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.aws.queue_records import QueueRecords
from newsletter.feedback.adapters.reconcile_queue import read_reconcile
from newsletter.reports.adapters.retention_queue import read_retention
from newsletter.reports.jobs.compare_suppressions import compare_suppressions
from newsletter.reports.jobs.keep_retention import keep_retention
from newsletter.reports.jobs.measure import measure
from newsletter.sending.adapters.send_queues import OPEN_SENDS, read_settle
from newsletter.sending.domain.send import Send
from newsletter.sending.jobs.look_again import look_again
from newsletter.sending.jobs.settle import settle
from newsletter.sending.jobs.settle_open_sends import settle_open_sends
from newsletter.wiring import app
from newsletter.wiring.metered import metered

logger = Logger()


def _settle(slug: str) -> Send:
    app().meter.serve(slug)
    now, hold = datetime.now(UTC), app().settings.unknown_policy == "hold"
    send, books = settle(slug, ports=app().settle_ports, grace=app().grace, hold=hold, now=now)
    logger.info("settle", extra={"issue": slug, "state": send.state, "late": send.is_late(now), "books": asdict(books)})
    return look_again(send, sends=app().sends, queues=app().queues, every=app().settle_every, now=now)


def settle_record(record: SQSRecord) -> None:
    now = datetime.now(UTC)
    if (run := read_retention(record.body)) is not None:
        logger.info("retention", extra={"found": asdict(keep_retention(run, ports=app().retention_ports, now=now))})
    elif (so_far := read_reconcile(record.body)) is not None:
        found = compare_suppressions(so_far, ports=app().comparison_ports, now=now)
        logger.info("reconcile", extra={"found": asdict(found)})
    elif (slug := read_settle(record.body)) == OPEN_SENDS:
        looked = settle_open_sends(_settle, opening=app().opening, now=now)
        for failed, error in looked.errors.items():
            logger.error("settle failed", exc_info=error, extra={"issue": failed})
        measure(looked.sends, all_settled=not looked.errors, ports=app().measure_ports, now=now)
        looked.raise_for_errors()
    else:
        _settle(slug)


@logger.inject_lambda_context
@metered("settle")
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event, settle_record, QueueRecords(logger), context)
