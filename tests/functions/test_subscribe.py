"""POST /subscriptions, and the greetings that follow."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from hashlib import sha256
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest

from functions.greet.handler import lambda_handler as greet
from functions.subscribe.handler import lambda_handler
from local.simulator.faults import Faults
from newsletter.core.registered_form import form_id
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from tests.factories import subscriber
from tests.functions.conftest import ROOT, Deployment, load

THANKS = "https://briefing.example.org/subscribe/thanks/"


def greeted(deployment: Deployment) -> list[dict[str, Any]]:
    """Let the greet function work off its queue, and return the inbox."""
    for message in deployment.drain("greet"):
        event = load("greet/sign_up")
        event["Records"][0]["body"] = json.dumps(message)
        assert greet(event, deployment.context) == {"batchItemFailures": []}
    return deployment.ses.messages()


def test_a_form_is_answered_with_a_redirect_to_the_page_of_thanks_and_a_mail_follows(deployment: Deployment) -> None:
    """Payload: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"""
    answer = deployment.invoke(lambda_handler, "subscribe/form")

    assert (answer["statusCode"], answer["headers"]["Location"]) == (303, THANKS)
    (message,) = greeted(deployment)
    assert message["to"] == "Ada@example.org"
    assert message["tags"]["kind"] == "confirmation"
    assert "https://briefing.example.org/confirm?token=" in message["text"]
    stored = deployment.app.subscribers.get(message["tags"]["subscriber"])
    assert stored is not None
    assert (stored.status, stored.name, stored.source) == (Status.UNCONFIRMED, "Ada Lovelace", "archive")
    assert stored.consent is not None
    assert stored.consent.holds(deployment.app.address_key)
    assert "192.0.2.10" not in str(stored)


def test_while_ses_takes_nothing_the_visitor_hears_it_and_the_mail_waits(deployment: Deployment) -> None:
    deployment.ses.simulator.account.change({"max_24_hour_send": 0})
    deployment.invoke(lambda_handler, "subscribe/multipart")
    assert greeted(deployment) == []

    answer = deployment.invoke(lambda_handler, "subscribe/form")
    assert (answer["statusCode"], answer["headers"]["Location"]) == (303, f"{THANKS}#late")
    answer = deployment.invoke(lambda_handler, "subscribe/json")
    assert json.loads(answer["body"]) == {"status": "confirmation_sent", "late": True}
    assert 'id="late"' in (ROOT / "templates/site/thanks.html").read_text(encoding="utf-8")

    assert greeted(deployment) == []
    assert deployment.in_queue("greet") == 3, "each waits"


def test_a_multipart_form_works_too(deployment: Deployment) -> None:
    assert deployment.invoke(lambda_handler, "subscribe/multipart")["statusCode"] == 303

    (message,) = greeted(deployment)
    stored = deployment.app.subscribers.get(message["tags"]["subscriber"])
    assert stored is not None
    assert (stored.name, stored.source) == ("Zoë", "https://www.example.org/about")


def test_json_is_answered_with_json(deployment: Deployment) -> None:
    answer = deployment.invoke(lambda_handler, "subscribe/json")

    assert (answer["statusCode"], json.loads(answer["body"])) == (202, {"status": "confirmation_sent"})
    assert len(greeted(deployment)) == 1


def test_the_language_of_the_browser_is_remembered(deployment: Deployment) -> None:
    deployment.invoke(lambda_handler, "subscribe/welsh_browser")

    (message,) = greeted(deployment)
    stored = deployment.app.subscribers.get(message["tags"]["subscriber"])
    assert stored is not None
    assert stored.lang == "cy"


def with_fields(**fields: str) -> dict[str, Any]:
    event: dict[str, Any] = load("subscribe/form")
    event["body"] = base64.b64encode(urlencode({"email": "ada@example.org", **fields}).encode()).decode()
    return event


def consent_of(deployment: Deployment) -> Consent:
    (message,) = greeted(deployment)
    stored = deployment.app.subscribers.get(message["tags"]["subscriber"])
    assert stored is not None
    assert stored.consent is not None
    assert stored.consent.holds(deployment.app.address_key)
    return stored.consent


@pytest.mark.parametrize("lang", ["en", "de", "cy"])
def test_a_receipt_has_the_words_that_the_reader_saw_whatever_the_language_of_the_mails(
    deployment: Deployment, lang: str
) -> None:
    pages = deployment.app.pages
    form = re.search(r'name="form" value="([^"]+)"', pages.embedded_form("/", lang=lang))
    assert form is not None

    lambda_handler(with_fields(form=form[1], lang="fr"), deployment.context)

    consent = consent_of(deployment)
    assert (consent.words, consent.form_version) == (pages.form_words(lang), form[1])
    assert consent.form_version == form_id(pages.form_words(lang), lang)


@pytest.mark.parametrize("fields", [{}, {"form": "en-000000000000"}, {"form": "\x1b[2J"}, {"form": "en-" + "9" * 900}])
def test_a_form_that_we_do_not_know_is_never_recorded_under_our_words(
    deployment: Deployment, fields: dict[str, str]
) -> None:
    lambda_handler(with_fields(**fields), deployment.context)

    assert (consent := consent_of(deployment)).words == ""
    assert consent.form_version == "unknown"


@pytest.mark.parametrize("reason", [None, SuppressionReason.HARD_BOUNCE, SuppressionReason.ERASED])
def test_the_answer_and_the_work_done_do_not_tell_who_is_on_the_list(
    deployment: Deployment, reason: SuppressionReason | None
) -> None:
    first = deployment.invoke(lambda_handler, "subscribe/json")
    (message,) = greeted(deployment)
    if reason is not None:
        now = deployment.now()
        deployment.app.suppressions.add(Suppression(message["tags"]["subscriber"], reason, now))

    assert deployment.invoke(lambda_handler, "subscribe/json") == first
    assert deployment.in_queue("greet") == 1
    assert len(greeted(deployment)) == 1


def test_one_mailbox_is_one_subscriber_whatever_the_case(deployment: Deployment) -> None:
    deployment.invoke(lambda_handler, "subscribe/form")
    deployment.invoke(lambda_handler, "subscribe/json")

    assert len(greeted(deployment)) == 1


def test_a_robot_gets_the_same_answer_and_nothing_is_stored(deployment: Deployment) -> None:
    answer = deployment.invoke(lambda_handler, "subscribe/honeypot")

    assert (answer["statusCode"], answer["headers"]["Location"]) == (303, THANKS)
    assert deployment.in_queue("greet") == 0


def test_a_name_cannot_carry_a_header_into_the_mail(deployment: Deployment) -> None:
    deployment.invoke(lambda_handler, "subscribe/header_injection")

    (message,) = greeted(deployment)
    assert "bcc" not in {name.lower() for name, _ in message["headers"]}
    assert "eve@example.org" not in message["text"]


def test_a_bad_address_in_a_form_brings_the_page_back_with_what_was_typed(deployment: Deployment) -> None:
    answer = deployment.invoke(lambda_handler, "subscribe/bad_address_form")

    assert answer["statusCode"] == 422
    assert "does not look like an email address" in answer["body"]
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
        ("list_for_text", "must be text"),
        ("not_utf8", "not UTF-8"),
        ("half_a_character", "not UTF-8"),
        ("unknown_type", "application/xml"),
        ("too_many_fields", "too many fields"),
    ],
)
def test_a_form_that_cannot_be_read_is_refused_with_a_sentence(
    deployment: Deployment, event: str, sentence: str
) -> None:
    answer = deployment.invoke(lambda_handler, f"subscribe/{event}")

    assert answer["statusCode"] == 400
    assert sentence in answer["body"]
    assert deployment.in_queue("greet") == 0


def test_ten_megabytes_are_not_a_sign_up(deployment: Deployment) -> None:
    event = load("subscribe/form") | {"body": base64.b64encode(b"email=" + b"a" * 10_000_000).decode()}

    answer = lambda_handler(event, deployment.context)

    assert (answer["statusCode"], "too large" in answer["body"]) == (400, True)


def test_a_browser_gets_a_puzzle_and_its_solution_opens_the_fast_lane_once(
    deployment: Deployment, log: StringIO
) -> None:
    puzzle = json.loads(deployment.invoke(lambda_handler, "subscribe/challenge")["body"])
    number = next(
        number
        for number in range(puzzle["maxnumber"] + 1)
        if sha256(f"{puzzle['salt']}{number}".encode()).hexdigest() == puzzle["challenge"]
    )
    solution = {name: puzzle[name] for name in ("algorithm", "challenge", "salt", "signature")} | {"number": number}
    altcha = base64.b64encode(json.dumps(solution).encode()).decode()
    event = load("subscribe/json") | {"body": json.dumps({"email": "ada@example.org", "altcha": altcha})}

    for _ in range(2):
        assert lambda_handler(event, deployment.context)["statusCode"] == 202

    lanes = [line["lane"] for line in map(json.loads, log.getvalue().splitlines()) if line["message"] == "sign-up"]
    assert lanes == ["fast", "slow"]


def test_the_fourth_sign_up_of_one_address_in_a_day_gets_the_same_answer_and_no_greeting(
    deployment: Deployment, log: StringIO
) -> None:
    answers = [deployment.invoke(lambda_handler, "subscribe/json") for _ in range(5)]

    assert all(answer == answers[0] for answer in answers)
    assert deployment.in_queue("greet") == 3
    assert log.getvalue().count("sign-up refused") == 2


def test_another_method_is_not_a_sign_up(deployment: Deployment) -> None:
    answer = deployment.invoke(lambda_handler, "subscribe/get")

    assert answer["statusCode"] == 405
    assert answer["headers"]["Allow"] == "POST"


def test_when_ses_is_busy_the_message_stays_in_the_queue_and_the_mail_leaves_later(deployment: Deployment) -> None:
    deployment.invoke(lambda_handler, "subscribe/form")
    (message,) = deployment.drain("greet")
    event = load("greet/sign_up")
    event["Records"][0]["body"] = json.dumps(message)

    deployment.ses.simulator.faults.set(Faults(throttle=1.0))
    assert greet(event, deployment.context) == {"batchItemFailures": []}, "it costs none of the message's deliveries"
    assert (deployment.in_queue("greet"), deployment.ses.messages()) == (1, [])
    deployment.ses.simulator.faults.set(Faults())
    assert greet(event, deployment.context) == {"batchItemFailures": []}
    assert len(deployment.ses.messages()) == 1


def test_the_daily_clock_reminds_whoever_did_not_confirm(deployment: Deployment) -> None:
    asked = deployment.now() - timedelta(days=3)
    deployment.save(
        subscriber(status=Status.UNCONFIRMED, signed_up_at=asked, confirmed_at=None, confirmation_sent_at=asked)
    )

    for _ in range(2):
        assert deployment.invoke(greet, "greet/remind") == {"batchItemFailures": []}

    (message,) = deployment.ses.messages()
    assert message["tags"]["kind"] == "reminder"
    assert "27 days" in " ".join(message["text"].split())


def test_a_greeting_that_is_not_ours_goes_to_the_dead_letters(deployment: Deployment) -> None:
    assert len(deployment.invoke(greet, "greet/not_ours")["batchItemFailures"]) == 1


def test_no_address_is_logged(deployment: Deployment, log: StringIO) -> None:
    for event in ("form", "json", "bad_address_form", "bad_address_json", "honeypot", "header_injection"):
        deployment.invoke(lambda_handler, f"subscribe/{event}")
    for faults in (Faults(throttle=1.0), Faults()):
        deployment.ses.simulator.faults.set(faults)
        for message in deployment.drain("greet"):
            event_of_queue = load("greet/sign_up")
            event_of_queue["Records"][0]["body"] = json.dumps(message)
            greet(event_of_queue, deployment.context)

    logged = log.getvalue()
    assert "sign-up" in logged
    assert "greet" in logged
    assert "@" not in logged
    assert "192.0.2.10" not in logged


def test_a_slip_in_the_domain_is_asked_about_and_one_press_goes_on_either_way(deployment: Deployment) -> None:
    answer = lambda_handler(with_fields(email="ada@gmial.com", name='Ada "x"', altcha="proof"), deployment.context)

    assert answer["statusCode"] == 200
    assert deployment.in_queue("greet") == 0, "nothing is recorded before they say"
    buttons = re.findall(r'name="email" value="([^"]+)"', answer["body"])
    assert buttons == ["ada@gmail.com", "ada@gmial.com"]
    carried = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer["body"])
    assert dict(carried) == {"meant": "yes", "name": "Ada &#34;x&#34;", "altcha": "proof"}
    assert "<script" not in answer["body"], "a script that sends the form would lose which button was pressed"
    for email in buttons:
        pressed = lambda_handler(with_fields(email=email, name="Ada", meant="yes"), deployment.context)
        assert (pressed["statusCode"], pressed["headers"]["Location"]) == (303, THANKS)
    assert {message["to"] for message in greeted(deployment)} == set(buttons)


def test_a_program_hears_of_a_slip_and_is_served_as_it_asked(deployment: Deployment) -> None:
    event = load("subscribe/json")
    event["body"], event["isBase64Encoded"] = json.dumps({"email": "ada@gmial.com"}), False

    answer = lambda_handler(event, deployment.context)

    said = {"status": "confirmation_sent", "suggestion": "ada@gmail.com"}
    assert (answer["statusCode"], json.loads(answer["body"])) == (202, said)
    assert deployment.in_queue("greet") == 1


def test_a_robot_hears_of_no_slip(deployment: Deployment) -> None:
    answer = lambda_handler(with_fields(email="ada@gmial.com", reference="buy"), deployment.context)

    assert answer["statusCode"] == 303
