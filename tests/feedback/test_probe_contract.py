"""Probes: what SES takes of them, that its report of one comes back to us, and what waits to be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest

from local.simulator.account import Limits
from local.simulator.faults import Faults
from newsletter.errors import StoreBusyError
from newsletter.feedback.adapters.dynamo_probes import DynamoProbes
from newsletter.feedback.adapters.evidence_backlog import AwsEvidenceBacklog
from newsletter.feedback.adapters.ses_events import read_notification
from newsletter.feedback.domain.feedback import FeedbackKind
from newsletter.sending.adapters.ses_probe import SesProbe
from newsletter.sending.domain.probe import AT_ONCE, ProbeAnswer, Probed, Returned
from tests.core.fakes import NOW
from tests.factories import NEWSLETTER
from tests.moto_aws import REGION
from tests.readers.fakes import PlainAddresses
from tests.sending.fakes import MemoryProbes
from tests.ses_server import TOPIC, SesServer, ses_server

Probes = MemoryProbes | DynamoProbes


@pytest.fixture
def ses() -> Iterator[SesServer]:
    with ses_server() as server:
        yield server


@pytest.fixture(params=["memory", "dynamodb"])
def probes(request: pytest.FixtureRequest) -> Probes:
    if request.param == "memory":
        return MemoryProbes()
    return DynamoProbes(request.getfixturevalue("dynamodb"), "SendsTable")


def prober(ses: SesServer) -> SesProbe:
    return SesProbe(ses.client, NEWSLETTER, "issues")


def test_ses_reports_each_message_of_a_probe_by_its_tag_and_as_mail_to_no_reader(ses: SesServer) -> None:
    booked: list[int] = []
    made = SesProbe(ses.client, NEWSLETTER, "issues", book=lambda: booked.append(1))

    probed = made.send(AT_ONCE)

    assert (probed.answer, probed.accepted, len(booked)) == (ProbeAnswer.ACCEPTED, AT_ONCE, AT_ONCE)
    events = [
        event
        for record in ses.events()
        for event in read_notification(
            json.dumps({"TopicArn": TOPIC, "Message": json.dumps(record)}), topic_arn=TOPIC, addresses=PlainAddresses(),
            now=NOW + timedelta(days=400),
        )
    ]  # fmt: skip
    sent = [event for event in events if event.kind is FeedbackKind.SENT]
    assert len({event.message_id for event in sent}) == AT_ONCE
    for event in events:
        assert (event.probe, event.mail, event.slug, event.subscriber_id) == (probed.probe_id, "probe", "", "")
    (address,) = {message["to"] for message in ses.messages()}
    assert address == f"success+probe-{probed.probe_id}@simulator.amazonses.com"


@pytest.mark.parametrize(
    ("faults", "answer"),
    [
        (Faults(error_5xx=1), ProbeAnswer.UNCLEAR),
        (Faults(lose_answer=1), ProbeAnswer.UNCLEAR),
        (Faults(throttle=1), ProbeAnswer.LATER),
    ],
)
def test_what_ses_says_to_a_probe_is_told_apart(ses: SesServer, faults: Faults, answer: ProbeAnswer) -> None:
    ses.simulator.faults.set(faults)

    assert prober(ses).send(AT_ONCE) == Probed(answer)


def test_a_probe_that_is_refused_has_an_answer() -> None:
    with ses_server(configuration_sets=()) as ses:
        assert prober(ses).send(1) == Probed(ProbeAnswer.REFUSED)


def test_a_probe_is_as_large_as_the_rate_allows() -> None:
    with ses_server(limits=Limits(max_send_rate=1)) as ses:
        probed = prober(ses).send(AT_ONCE)

    assert probed.answer is ProbeAnswer.ACCEPTED
    assert 0 < probed.accepted < AT_ONCE


def test_nothing_is_returned_before_a_report_and_the_same_report_twice_is_one(probes: Probes) -> None:
    assert probes.returned("one") is None
    for message, seconds in (("a", 2), ("b", 1), ("b", 1)):
        probes.note("one", message, NOW + timedelta(seconds=seconds), now=NOW)
    probes.note("other", "c", NOW, now=NOW)

    assert probes.returned("one") == Returned(2, NOW + timedelta(seconds=1))


def test_reports_that_are_read_that_are_being_read_and_that_come_later_are_waiting(s3: Any) -> None:
    sqs = boto3.client("sqs", region_name=REGION)
    queue, dead = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("feedback", "feedback-dead-letters"))
    backlog = AwsEvidenceBacklog(sqs, queue_url=queue, dead_letters_url=dead, s3_client=s3, bucket="content")
    assert (backlog.waiting(), backlog.unreadable()) == (0, 0)
    for delay in (0, 0, 600):
        sqs.send_message(QueueUrl=queue, MessageBody="{}", DelaySeconds=delay)
    sqs.receive_message(QueueUrl=queue, VisibilityTimeout=300)
    sqs.send_message(QueueUrl=dead, MessageBody="{}")

    assert (backlog.waiting(), backlog.unreadable()) == (3, 1)


def test_a_file_is_waiting_whose_name_is_not_in_the_queue_yet(s3: Any) -> None:
    sqs = boto3.client("sqs", region_name=REGION)
    queue = sqs.create_queue(QueueName="feedback")["QueueUrl"]
    backlog = AwsEvidenceBacklog(sqs, queue_url=queue, dead_letters_url=queue, s3_client=s3, bucket="content")
    s3.put_object(Bucket="content", Key="evidence/an-issue/20261201T0900-0123456789abcdef.jsonl.gz", Body=b"")
    assert backlog.waiting() == 0

    s3.put_object(Bucket="content", Key="ses-events/2026/12/01/09/a.gz", Body=b"")
    assert backlog.waiting() == 1
    backlog = AwsEvidenceBacklog(sqs, queue_url=queue, dead_letters_url=queue, s3_client=s3, bucket="no-such-bucket")
    with pytest.raises(StoreBusyError, match="S3 does not say"):
        backlog.waiting()


def test_a_queue_that_does_not_answer_is_not_taken_for_empty(s3: Any) -> None:
    sqs = boto3.client("sqs", region_name=REGION)
    nowhere = f"https://sqs.{REGION}.amazonaws.com/123456789012/nowhere"

    with pytest.raises(StoreBusyError):
        AwsEvidenceBacklog(sqs, queue_url=nowhere, dead_letters_url=nowhere, s3_client=s3, bucket="content").waiting()
