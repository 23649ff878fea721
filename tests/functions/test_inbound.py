"""The inbound queue: notices of SES about received mail, each with what it leads to.

Payloads: https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-examples.html
"""

from __future__ import annotations

import json
from io import StringIO

import pytest

from functions.inbound.handler import lambda_handler
from newsletter.core.link_token import Purpose
from newsletter.feedback.domain.response import Responses
from newsletter.readers.domain.subscriber import Mailbox, Status, subscriber_id
from tests.factories import SLUG, an_id, subscriber
from tests.functions.conftest import Deployment, load

ADA = subscriber_id(Mailbox("", "reader1@example.org"), "key of the addresses")
NOTHING_FAILED: dict[str, list[object]] = {"batchItemFailures": []}


def status(deployment: Deployment, who: str) -> Status:
    found = deployment.app.subscribers.get(who)
    assert found is not None
    return found.status


def test_a_mail_to_an_address_with_a_token_leaves(deployment: Deployment) -> None:
    deployment.save(subscriber(1))

    assert deployment.invoke(lambda_handler, "inbound/by_token", Purpose.UNSUBSCRIBE) == NOTHING_FAILED
    assert status(deployment, an_id(1)) is Status.UNSUBSCRIBED


def test_a_mail_whose_writer_dmarc_proves_leaves(deployment: Deployment) -> None:
    deployment.save(subscriber(1, subscriber_id=ADA))

    assert deployment.invoke(lambda_handler, "inbound/proved_by_dmarc") == NOTHING_FAILED
    assert status(deployment, ADA) is Status.UNSUBSCRIBED


def test_a_forged_writer_is_mailed_the_link_and_stays(deployment: Deployment, log: StringIO) -> None:
    deployment.save(subscriber(1, subscriber_id=ADA))

    assert deployment.invoke(lambda_handler, "inbound/forged") == NOTHING_FAILED
    assert status(deployment, ADA) is Status.CONFIRMED
    assert [(each["occasion"], each["subscriber"]) for each in deployment.queued("greet")] == [("leave_link", ADA)]
    assert "@" not in log.getvalue()


@pytest.mark.parametrize("event", ["inbound/out_of_office", "inbound/dmarc_report"])
def test_machines_are_recognised_and_nobody_hears_of_them(deployment: Deployment, event: str) -> None:
    deployment.save(subscriber(1, subscriber_id=ADA))

    assert deployment.invoke(lambda_handler, event) == NOTHING_FAILED
    assert status(deployment, ADA) is Status.CONFIRMED
    assert deployment.queued("greet") == []
    assert deployment.ses.messages() == []


def test_a_notice_from_a_foreign_topic_goes_to_the_dead_letters(deployment: Deployment) -> None:
    answer = deployment.invoke(lambda_handler, "inbound/foreign_topic")

    assert len(json.loads(json.dumps(answer))["batchItemFailures"]) == 1


def reply(deployment: Deployment, event: str, token: str = "") -> None:
    address = deployment.app.links.reply_address(SLUG)
    loaded = json.dumps(load(f"inbound/{event}")).replace("REPLY", token or address.partition("+")[2].partition("@")[0])
    assert lambda_handler(json.loads(loaded), deployment.context) == NOTHING_FAILED


def test_a_reply_to_an_issue_is_counted_thanked_and_no_wish_to_leave(deployment: Deployment, log: StringIO) -> None:
    deployment.save(subscriber(1, subscriber_id=ADA))

    for _ in range(2):
        reply(deployment, "reply")

    assert status(deployment, ADA) is Status.CONFIRMED
    assert deployment.app.responses.of_issue(SLUG) == Responses(replies=1)
    assert [(each["occasion"], each["subscriber"]) for each in deployment.queued("greet")] == [("reply", ADA)]
    assert "@" not in log.getvalue()


@pytest.mark.parametrize(("event", "token"), [("reply_out_of_office", ""), ("reply", "0" * 32), ("reply", "x")])
def test_a_machine_and_a_made_up_address_count_nothing_and_nobody_leaves(
    deployment: Deployment, event: str, token: str
) -> None:
    deployment.save(subscriber(1, subscriber_id=ADA))

    reply(deployment, event, token)

    assert status(deployment, ADA) is Status.CONFIRMED
    assert deployment.app.responses.of_issue(SLUG) is None
    assert deployment.queued("greet") == []
