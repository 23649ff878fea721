"""Sign-in queue: emails with a link and a code ({"sign_in"}), invitations ({"invited", "by"}), news.

Each names an attempt or members by their ids: {"passkey_added"}, {"webhook_gone", "endpoint"}.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from newsletter.aws.queue_records import QueueRecords
from newsletter.desk.adapters.sign_in_queue import read_message
from newsletter.desk.domain.invitation import Invitation
from newsletter.desk.passkeys.mail_passkey import mail_passkey
from newsletter.desk.passkeys.passkey import PasskeyNews
from newsletter.desk.sessions.mail_invitation import mail_invitation
from newsletter.desk.sessions.mail_sign_in import mail_sign_in
from newsletter.desk.webhooks.endpoint import EndpointGone
from newsletter.desk.webhooks.mail_gone import mail_gone
from newsletter.wiring import app

logger = Logger()
# Somebody sits before the page; their attempt ends after ten minutes, and its message with it.
processor = QueueRecords(logger, lambda: app().queue_at(app().settings.sign_in_queue_url), longest=60)


def mail_record(record: SQSRecord) -> None:
    message, ports = read_message(record.body), app().sign_in_mail_ports
    if isinstance(message, Invitation):
        logger.info("invitation", extra={"mailed": mail_invitation(message, ports=ports)})
    elif isinstance(message, PasskeyNews):
        logger.info("passkey mail", extra={"mailed": mail_passkey(message, ports=ports)})
    elif isinstance(message, EndpointGone):
        logger.info("webhook mail", extra={"mailed": mail_gone(message, ports=ports)})
    else:
        logger.info("sign in mail", extra={"mailed": mail_sign_in(message, ports=ports, now=datetime.now(UTC))})


@logger.inject_lambda_context
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    return process_partial_response(event, mail_record, processor, context)
