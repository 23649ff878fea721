"""Inbound queue: mail to leave, and replies to issues, as SES tells of them: header and verdicts, no body."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.aws.queue_records import QueueRecords
from newsletter.feedback.jobs.count_reply import count_reply
from newsletter.readers.adapters.ses_inbound import read_inbound
from newsletter.readers.jobs.judge_inbound import judge_inbound
from newsletter.readers.jobs.unsubscribe import unsubscribe
from newsletter.wiring import app

logger = Logger()
processor = QueueRecords(logger)


def take_mail(record: SQSRecord) -> None:
    now = datetime.now(UTC)
    mail = read_inbound(record.body, topic_arn=app().settings.inbound_topic_arn)
    if mail.reply_tokens:
        counted = count_reply(mail, ports=app().reply_ports, keys=app().keys, now=now)
        logger.info("reply", extra={"outcome": counted, "hand": mail.hand})
    if not mail.for_leaving:
        return
    judgement = judge_inbound(mail, ports=app().link_request_ports, keys=app().keys, now=now)
    for subscriber_id in judgement.leaving:
        unsubscribe(subscriber_id, subscribers=app().subscribers, now=now)
    # No address, and no subject: what somebody writes to us by mistake must not stand in a log.
    logger.info("inbound", extra={"became": judgement.became, "hand": mail.hand, "by_token": bool(mail.tokens)})


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event, take_mail, processor, context)
