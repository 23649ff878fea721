"""Report queue: {"report": a send, "list growth", "what is due" or a held lane}, {"export", "of"}. Writes and mails."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.aws.queue_records import QueueRecords
from newsletter.feedback.domain.hold_link import NOTICES
from newsletter.feedback.jobs.tell_of_hold import HoldNotice, tell_of_hold
from newsletter.readers.importing.adapters.export_queue import read_export
from newsletter.readers.importing.jobs.export_people import export_people
from newsletter.reports.adapters.report_queue import read_report
from newsletter.reports.domain.report_name import LIST_GROWTH, WHAT_IS_DUE
from newsletter.reports.jobs.ask_for_due_reports import ask_for_due_reports
from newsletter.reports.jobs.write_growth import write_growth
from newsletter.reports.jobs.write_report import ReportResult, write_report
from newsletter.wiring import app

logger = Logger()
processor = QueueRecords(logger, lambda: app().queue_at(app().settings.report_queue_url))

MAIL_DELAY = 900  # seconds until a mail that SES did not take is tried again; the longest delay SQS knows


def report_record(record: SQSRecord) -> None:
    if export := read_export(record.body):
        written = export_people(export.export_id, of_suppressions=export.of_suppressions, ports=app().export_ports)
        logger.info("export", extra={"export": export.export_id, "written": written})
        return
    now, zone, name = datetime.now(UTC), app().rhythm.time_zone, read_report(record.body)
    if name == WHAT_IS_DUE:
        due = ask_for_due_reports(due_reports=app().due_reports, report_queue=app().report_queue, now=now)
        logger.info("reports due", extra={"sends": due})
    elif name == LIST_GROWTH:
        growth = write_growth(
            list_census=app().census, content=app().content, retention_log=app().retention_log, zone=zone, now=now
        )
        logger.info("growth", extra={"now": growth["now"], "days": len(growth["days"])})
    elif name in NOTICES:
        notice = tell_of_hold(NOTICES[name], ports=app().hold_notice_ports, now=now)
        if notice is HoldNotice.MAIL_WAITS:
            app().report_queue.report(name, delay=MAIL_DELAY)
        logger.info("hold", extra={"lane": NOTICES[name], "result": notice})
    else:
        result = write_report(name, ports=app().report_ports, zone=zone, now=now)
        if result is ReportResult.MAIL_WAITS:
            app().report_queue.report(name, delay=MAIL_DELAY)
        logger.info("report", extra={"issue": name, "result": result})


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event, report_record, processor, context)
