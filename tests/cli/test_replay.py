"""`newsletter send replay` on a stack in the process."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import boto3
import pytest

from functions.feedback.handler import lambda_handler as feedback
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.send import Send
from newsletter.wiring import App
from newsletter_cli.resources import Resources
from tests.cli.conftest import CONTEXT, RESOURCES, Command, StackInProcess
from tests.core.fakes import NOW
from tests.factories import SLUG
from tests.functions.conftest import Deployment, load
from tests.moto_aws import REGION


class StackWithQueues(StackInProcess):
    """The same, with the app of the functions and the queues of feedback."""

    @property
    def app(self) -> App:  # type: ignore[override]
        from newsletter import wiring

        return wiring.app()

    @property
    def is_local(self) -> bool:
        return True


@pytest.fixture
def stack(deployment: Deployment) -> StackInProcess:
    sqs = boto3.client("sqs", region_name=REGION)
    queues = {
        "feedback": deployment.queue_urls["feedback"],
        "feedback_dead_letters": sqs.get_queue_url(QueueName="feedback-dead-letters")["QueueUrl"],
    }
    resources: Resources = replace(RESOURCES, queues=queues)
    deployment.app.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))
    deployment.app.sends.add_batch(Batch.of(SLUG, "00", ("0" * 32,), now=NOW))
    return StackWithQueues("in-process", boto3.Session(region_name=REGION), resources, "https://b.example.org")


def waiting(stack: StackInProcess, queue: str = "feedback") -> list[str]:
    url = stack.resources.queues[queue]
    answer: Any = stack.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [each["Body"] for each in answer.get("Messages", [])]


def test_reports_from_the_second_place_and_from_the_dead_letters_are_on_their_way(
    newsletter: Command, stack: StackInProcess
) -> None:
    feedback(load("feedback/send"), CONTEXT)
    feedback(load("feedback/foreign_topic"), CONTEXT)

    dry = newsletter("send", "replay", SLUG, "--dry-run", stack=stack)
    said = newsletter("send", "replay", SLUG, "--yes", stack=stack)

    assert f"1 objects with reports about {SLUG}, and 1 dead letters of feedback. Nothing was changed." in dry.words
    assert said.code == 0, said.err
    assert "1 went back to feedback." in said.words
    bodies = waiting(stack)
    assert len(bodies) == 2
    assert any(body.startswith(f'{{"replay": "evidence/{SLUG}/') for body in bodies)
    assert waiting(stack, "feedback_dead_letters") == []


def test_what_was_reported_before_the_day_that_is_named_stays_where_it_is(
    newsletter: Command, stack: StackInProcess
) -> None:
    feedback(load("feedback/send"), CONTEXT)

    said = newsletter("send", "replay", SLUG, "--since", "2099-01-01", "--yes", stack=stack)

    assert "0 objects" in said.words
    assert "Nothing was changed." in said.words
    assert waiting(stack) == []
