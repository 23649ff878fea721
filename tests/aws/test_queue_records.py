"""The loop of the queue functions: a failure is reported, and what SES does not take now waits without one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from botocore.exceptions import EndpointConnectionError

from newsletter.aws.queue import WAITS_SINCE, SqsQueue
from newsletter.aws.queue_records import KEPT_FOR_SES, LASTING_DELAY, RATE_DELAY, QueueRecords
from newsletter.errors import (
    NewsletterError,
    QuotaUsedError,
    RecipientNotVerifiedError,
    SendingPausedError,
    SendOutcomeUnknownError,
    SendRejectedError,
    SendThrottledError,
    StoreBusyError,
)


class KeptSqs:
    """Keeps what is sent."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.sent: list[dict[str, Any]] = []
        self.failure = failure

    def send_message(self, **message: Any) -> None:
        if self.failure is not None:
            raise self.failure
        self.sent.append(message)


def message(number: int, since: datetime | None = None) -> dict[str, Any]:
    attribute = {"stringValue": since.isoformat() if since else "", "dataType": "String"}
    return {
        "messageId": f"m{number}",
        "body": json.dumps({"number": number}),
        "messageAttributes": {WAITS_SINCE: attribute} if since else {},
        "eventSource": "aws:sqs",
    }


def failed(
    sqs: KeptSqs,
    error: NewsletterError,
    *,
    since: datetime | None = None,
    longest: int = LASTING_DELAY,
    own: bool = True,
) -> list[str]:
    """Let the first of two records fail, and return which are delivered again."""

    def handle(record: SQSRecord) -> None:
        if record.message_id == "m1":
            raise error

    logger = Logger(service="tests", stream=StringIO())
    queue = (lambda: SqsQueue(lambda: sqs, "url")) if own else None  # type: ignore[return-value,arg-type]
    event, context = {"Records": [message(1, since), message(2)]}, object()
    answer = process_partial_response(event, handle, QueueRecords(logger, queue, longest=longest), context)  # type: ignore[arg-type]
    return [str(item["itemIdentifier"]) for item in answer["batchItemFailures"]]


@pytest.mark.parametrize(
    ("error", "delay"),
    [
        (SendThrottledError("rate"), RATE_DELAY),
        (QuotaUsedError("quota"), LASTING_DELAY),
        (SendingPausedError("paused"), LASTING_DELAY),
        (RecipientNotVerifiedError("sandbox"), LASTING_DELAY),
    ],
)
def test_what_ses_does_not_take_now_waits_as_a_new_message(error: NewsletterError, delay: int) -> None:
    sqs = KeptSqs()

    assert failed(sqs, error) == []
    (put_back,) = sqs.sent
    assert (put_back["MessageBody"], put_back["DelaySeconds"]) == ('{"number": 1}', delay)
    since = datetime.fromisoformat(put_back["MessageAttributes"][WAITS_SINCE]["StringValue"])
    assert since.tzinfo is not None

    assert failed(sqs, error, longest=60) == []
    assert sqs.sent[1]["DelaySeconds"] <= 60


def test_it_keeps_since_when_it_waits_and_is_let_go_in_the_end() -> None:
    sqs, since = KeptSqs(), datetime.now(UTC) - KEPT_FOR_SES + timedelta(hours=1)

    assert failed(sqs, QuotaUsedError("quota"), since=since) == []
    assert sqs.sent[0]["MessageAttributes"][WAITS_SINCE]["StringValue"] == since.isoformat()

    assert failed(sqs, QuotaUsedError("quota"), since=since - timedelta(hours=2)) == []
    assert len(sqs.sent) == 1


@pytest.mark.parametrize("error", [SendRejectedError("no"), SendOutcomeUnknownError("timeout"), StoreBusyError("busy")])
def test_every_other_error_is_a_failure(error: NewsletterError) -> None:
    sqs = KeptSqs()

    assert failed(sqs, error) == ["m1"]
    assert sqs.sent == []


def test_where_it_cannot_wait_it_is_delivered_again() -> None:
    assert failed(KeptSqs(EndpointConnectionError(endpoint_url="sqs")), QuotaUsedError("quota")) == ["m1"]
    assert failed(KeptSqs(), QuotaUsedError("quota"), own=False) == ["m1"]
