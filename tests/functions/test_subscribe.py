"""POST /subscriptions."""

from __future__ import annotations

import json
from io import StringIO

import pytest

from functions.subscribe.handler import lambda_handler
from newsletter.domain.subscriber import Status
from tests.functions.conftest import Deployment

THANKS = "https://briefing.example.org/subscribe/thanks/"


def test_a_form_is_answered_with_a_redirect_to_the_page_of_thanks_and_a_mail(deployment: Deployment) -> None:
    """Payload format: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"""
    answer = deployment.invoke(lambda_handler, "subscribe/form")

    assert (answer["statusCode"], answer["headers"]["Location"]) == (303, THANKS)
    (message,) = deployment.ses.messages()
    assert message["to"] == "Ada@example.org"
    assert message["tags"]["kind"] == "confirmation"
    assert "https://briefing.example.org/confirm?token=" in message["text"]
    stored = deployment.app.subscribers.get(message["tags"]["subscriber"])
    assert stored is not None
    assert (stored.status, stored.name, stored.source) == (Status.UNCONFIRMED, "Ada Lovelace", "archive")


def test_a_multipart_form_works_too(deployment: Deployment) -> None:
    assert deployment.invoke(lambda_handler, "subscribe/multipart")["statusCode"] == 303

    (message,) = deployment.ses.messages()
    stored = deployment.app.subscribers.get(message["tags"]["subscriber"])
    assert stored is not None
    assert (stored.name, stored.source) == ("Zoë", "https://www.example.org/about")


def test_json_is_answered_with_json(deployment: Deployment) -> None:
    answer = deployment.invoke(lambda_handler, "subscribe/json")

    assert (answer["statusCode"], json.loads(answer["body"])) == (202, {"status": "confirmation_sent"})
    assert len(deployment.ses.messages()) == 1


def test_the_answer_does_not_tell_who_is_on_the_list(deployment: Deployment) -> None:
    first = deployment.invoke(lambda_handler, "subscribe/json")
    (message,) = deployment.ses.messages()
    ada = deployment.app.subscribers.get(message["tags"]["subscriber"])
    assert ada is not None

    assert deployment.invoke(lambda_handler, "subscribe/json") == first
    assert len(deployment.ses.messages()) == 1


def test_one_mailbox_is_one_subscriber_whatever_the_case(deployment: Deployment) -> None:
    deployment.invoke(lambda_handler, "subscribe/form")
    deployment.invoke(lambda_handler, "subscribe/json")

    assert len(deployment.ses.messages()) == 1


def test_a_robot_gets_the_same_answer_and_nothing_is_stored(deployment: Deployment) -> None:
    answer = deployment.invoke(lambda_handler, "subscribe/honeypot")

    assert (answer["statusCode"], answer["headers"]["Location"]) == (303, THANKS)
    assert deployment.ses.messages() == []


def test_a_bad_address_in_a_form_brings_the_page_back_with_what_was_typed(deployment: Deployment) -> None:
    answer = deployment.invoke(lambda_handler, "subscribe/bad_address_form")

    assert answer["statusCode"] == 422
    assert "does not look like an e-mail address" in answer["body"]
    assert 'value="ada@example"' in answer["body"]
    assert "<b>" not in answer["body"]


def test_a_bad_address_in_json_is_named_by_its_field(deployment: Deployment) -> None:
    answer = deployment.invoke(lambda_handler, "subscribe/bad_address_json")

    assert answer["statusCode"] == 422
    assert "does not look like" in json.loads(answer["body"])["errors"]["email"]


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        ("two_addresses", "sent twice"),
        ("list_for_text", "should be a text"),
        ("not_utf8", "not UTF-8"),
        ("unknown_type", "application/xml"),
    ],
)
def test_a_form_that_cannot_be_read_is_refused_with_a_sentence(
    deployment: Deployment, event: str, sentence: str
) -> None:
    answer = deployment.invoke(lambda_handler, f"subscribe/{event}")

    assert answer["statusCode"] == 400
    assert sentence in answer["body"]
    assert deployment.ses.messages() == []


def test_another_method_is_not_a_sign_up(deployment: Deployment) -> None:
    assert deployment.invoke(lambda_handler, "subscribe/get")["statusCode"] == 405


def test_when_ses_is_busy_the_reader_is_told_to_try_again_and_can(deployment: Deployment) -> None:
    from local.simulator.faults import Faults

    deployment.ses.simulator.faults.set(Faults(throttle=1.0))
    answer = deployment.invoke(lambda_handler, "subscribe/form")
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "60")

    deployment.ses.simulator.faults.set(Faults())
    assert deployment.invoke(lambda_handler, "subscribe/form")["statusCode"] == 303
    assert len(deployment.ses.messages()) == 1


def test_no_address_is_logged(deployment: Deployment, log: StringIO) -> None:
    from local.simulator.faults import Faults

    for faults in (Faults(), Faults(throttle=1.0)):
        deployment.ses.simulator.faults.set(faults)
        for event in ("form", "json", "bad_address_form", "bad_address_json", "honeypot"):
            deployment.invoke(lambda_handler, f"subscribe/{event}")

    logged = log.getvalue()
    assert "sign-up" in logged
    assert "ada" not in logged.lower().replace("lambda", "")
