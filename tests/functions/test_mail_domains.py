"""POST /subscriptions with a domain that takes no mail: refused on the form, whoever it is, and nothing recorded."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from bench.counting import Operations
from functions.subscribe.handler import lambda_handler
from newsletter.core.language import LANGUAGES
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from tests.factories import subscriber
from tests.functions.conftest import Deployment, load
from tests.readers.fakes import MemoryMailDomains

SENTENCE = "No email can be delivered to this address. Please check the part after the @ sign."
GONE = MemoryMailDomains(frozenset({"gone.example", "gmial.com"}))


@pytest.fixture(autouse=True)
def names(deployment: Deployment) -> None:
    deployment.app.mail_domains = GONE


def sent(deployment: Deployment, **form: str) -> Any:
    event = load("subscribe/form")
    event["body"] = base64.b64encode(urlencode(form).encode()).decode()
    return lambda_handler(event, deployment.context)


def sent_json(deployment: Deployment, **form: str) -> Any:
    event = load("subscribe/json")
    event["body"], event["isBase64Encoded"] = json.dumps(form), False
    return lambda_handler(event, deployment.context)


def test_a_form_comes_back_with_what_was_typed_and_what_is_wrong(deployment: Deployment) -> None:
    answer = sent(deployment, email="ada@gone.example", name="Ada")

    assert answer["statusCode"] == 422
    assert SENTENCE in answer["body"]
    assert 'value="ada@gone.example"' in answer["body"]
    assert 'value="Ada"' in answer["body"]


def test_a_program_is_told_by_the_name_of_the_field(deployment: Deployment) -> None:
    answer = sent_json(deployment, email="ada@GONE.example")

    assert (answer["statusCode"], json.loads(answer["body"])["errors"]) == (422, {"email": SENTENCE})


def test_nothing_is_recorded_and_nobody_is_mailed(deployment: Deployment) -> None:
    sent(deployment, email="ada@gone.example")

    assert list(deployment.app.subscribers.everyone()) == []
    assert deployment.in_queue("greet") == 0


def test_the_answer_is_the_same_whoever_it_is(deployment: Deployment) -> None:
    """Of a stranger, a reader, somebody suppressed, and an address that was tried too often: about the domain alone."""
    addresses = deployment.app.addresses
    reader, gone = (
        addresses.subscriber_id(addresses.mailbox(f"{who}@gone.example")) for who in ("zyx-reader", "zyx-gone")
    )
    deployment.save(subscriber(subscriber_id=reader, email="zyx-reader@gone.example"))
    deployment.app.suppressions.add(Suppression(gone, SuppressionReason.COMPLAINT, datetime.now(UTC)))

    names = ["zyx-nobody", "zyx-reader", "zyx-gone", *["zyx-often"] * 7]
    answers = {who: sent(deployment, email=f"{who}@gone.example") for who in names}

    assert {each["statusCode"] for each in answers.values()} == {422}
    assert len({each["body"].replace(who, "") for who, each in answers.items()}) == 1


def test_a_network_that_is_full_hears_that_first(deployment: Deployment) -> None:
    answers = [sent(deployment, email=f"a{number}@gone.example")["statusCode"] for number in range(12)]

    assert answers == [422] * 10 + [429] * 2  # the slow lane: a quarter of 40 an hour


def test_a_slip_is_asked_about_first_and_who_insists_hears_that_it_takes_no_mail(deployment: Deployment) -> None:
    asked = sent(deployment, email="ada@gmial.com")
    insisted = sent(deployment, email="ada@gmial.com", meant="yes")

    assert (asked["statusCode"], "I meant ada@gmail.com" in asked["body"]) == (200, True)
    assert (insisted["statusCode"], SENTENCE in insisted["body"]) == (422, True)


def test_a_robot_hears_nothing_of_it(deployment: Deployment) -> None:
    assert sent(deployment, email="ada@gone.example", website="https://example.org")["statusCode"] == 303


def test_a_sign_up_waits_for_no_call_more(deployment: Deployment) -> None:
    counted = Operations()
    deployment.app.make_client = counted.counting(deployment.app.make_client)
    sent(deployment, email="first@example.org")
    counted.take(), counted.take_in_a_row()

    assert sent(deployment, email="second@example.org")["statusCode"] == 303
    assert counted.take_in_a_row() == 2
    assert sent(deployment, email="third@gone.example")["statusCode"] == 422
    assert counted.take_in_a_row() == 1


@pytest.mark.parametrize("lang", sorted(set(LANGUAGES) - {"en"}))
def test_the_sentence_is_there_in_every_language(deployment: Deployment, lang: str) -> None:
    event = load("subscribe/form")
    event["headers"]["accept-language"] = lang
    event["body"] = base64.b64encode(urlencode({"email": "ada@gone.example"}).encode()).decode()

    answer = lambda_handler(event, deployment.context)

    assert f'lang="{lang}"' in answer["body"]
    assert SENTENCE not in answer["body"]
