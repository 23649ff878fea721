"""The pages behind the links: GET, HEAD and OPTIONS change nothing, POST acts, a bad token says what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.confirm.handler import lambda_handler as confirm
from functions.preferences.handler import lambda_handler as preferences
from functions.unsubscribe.handler import lambda_handler as unsubscribe
from newsletter.domain.link_token import Purpose
from newsletter.domain.subscriber import Status, Subscriber
from newsletter.domain.suppression import SuppressionReason
from tests.factories import an_id, subscriber
from tests.functions.conftest import Deployment

ADA = an_id(1)
UNCONFIRMED = subscriber(status=Status.UNCONFIRMED, confirmed_at=None)


def stored(deployment: Deployment) -> Subscriber:
    found = deployment.app.subscribers.get(ADA)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("function", "event", "purpose"),
    [
        (confirm, "confirm/get", Purpose.CONFIRM),
        (confirm, "confirm/head", Purpose.CONFIRM),
        (confirm, "confirm/options", Purpose.CONFIRM),
        (unsubscribe, "unsubscribe/get", Purpose.UNSUBSCRIBE),
        (preferences, "preferences/get", Purpose.PREFERENCES),
    ],
)
def test_looking_at_a_link_changes_nothing(deployment: Deployment, function: Any, event: str, purpose: Purpose) -> None:
    before = deployment.save(UNCONFIRMED)

    deployment.invoke(function, event, purpose)
    deployment.invoke(function, event, purpose)

    assert stored(deployment) == before
    assert deployment.ses.messages() == []


@pytest.mark.parametrize(
    ("function", "event", "purpose"),
    [(confirm, "confirm/get", Purpose.CONFIRM), (unsubscribe, "unsubscribe/get", Purpose.UNSUBSCRIBE)],
)
def test_a_link_shows_one_button_and_no_script(
    deployment: Deployment, function: Any, event: str, purpose: Purpose
) -> None:
    answer = deployment.invoke(function, event, purpose)

    assert answer["statusCode"] == 200
    assert answer["body"].count("<button") == 1
    assert '<form method="post"' in answer["body"].replace("'", '"')
    assert "<script" not in answer["body"]
    assert "default-src 'none'" in answer["headers"]["Content-Security-Policy"]
    assert answer["headers"]["Referrer-Policy"] == "no-referrer"
    assert "cookies" not in {name.lower() for name, value in answer.items() if value}


def test_the_confirm_button_confirms_and_welcomes_once(deployment: Deployment) -> None:
    deployment.save(UNCONFIRMED)

    first = deployment.invoke(confirm, "confirm/post", Purpose.CONFIRM)
    second = deployment.invoke(confirm, "confirm/post", Purpose.CONFIRM)

    assert (first["statusCode"], second["statusCode"]) == (200, 200)
    assert stored(deployment).status is Status.CONFIRMED
    (welcome,) = deployment.ses.messages()
    assert welcome["tags"] == {"kind": "welcome", "subscriber": ADA}
    assert dict(welcome["headers"])["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_confirming_answers_json_when_asked(deployment: Deployment) -> None:
    deployment.save(UNCONFIRMED)

    answer = deployment.invoke(confirm, "confirm/post_json", Purpose.CONFIRM)

    assert json.loads(answer["body"]) == {"status": "confirmed"}


@pytest.mark.parametrize(
    ("function", "event"),
    [
        (confirm, "confirm/unknown_token"),
        (confirm, "confirm/no_token"),
        (unsubscribe, "unsubscribe/unknown_token"),
        (preferences, "preferences/unknown_token"),
    ],
)
def test_a_token_that_is_not_ours_gets_a_page_that_says_what_to_do(
    deployment: Deployment, function: Any, event: str
) -> None:
    before = deployment.save(subscriber())

    answer = deployment.invoke(function, event)

    assert answer["statusCode"] == 400
    assert "from the mail again" in answer["body"]
    assert stored(deployment) == before


def test_a_token_for_another_purpose_is_refused(deployment: Deployment) -> None:
    deployment.save(subscriber())

    assert deployment.invoke(unsubscribe, "unsubscribe/button", Purpose.PREFERENCES)["statusCode"] == 400
    assert stored(deployment).in_audience


@pytest.mark.parametrize("event", ["one_click_urlencoded", "one_click_multipart", "button"])
def test_leaving_is_one_post_answered_with_200_and_no_redirect(deployment: Deployment, event: str) -> None:
    """RFC 8058, sections 3.1 and 3.2: both encodings, no cookie, no redirect."""
    deployment.save(subscriber())

    answers = [deployment.invoke(unsubscribe, f"unsubscribe/{event}", Purpose.UNSUBSCRIBE) for _ in range(2)]

    assert [answer["statusCode"] for answer in answers] == [200, 200]
    assert "Location" not in answers[0]["headers"]
    assert "Set-Cookie" not in answers[0]["headers"]
    assert stored(deployment).status is Status.UNSUBSCRIBED


def test_a_subscriber_reads_changes_and_takes_along_what_we_hold(deployment: Deployment) -> None:
    deployment.save(subscriber())

    page = deployment.invoke(preferences, "preferences/rename", Purpose.PREFERENCES)
    assert page["statusCode"] == 200
    assert "Countess Lovelace" in page["body"]
    held = json.loads(deployment.invoke(preferences, "preferences/get_json", Purpose.PREFERENCES)["body"])
    assert held["subscriber"]["email"] == "reader1@example.org"
    assert held["subscriber"]["name"] == "Countess Lovelace"


def test_erasure_leaves_only_the_tombstone(deployment: Deployment) -> None:
    deployment.save(subscriber())

    assert deployment.invoke(preferences, "preferences/erase", Purpose.PREFERENCES)["statusCode"] == 200

    assert deployment.app.subscribers.get(ADA) is None
    tombstone = deployment.app.suppressions.get(ADA)
    assert tombstone is not None
    assert tombstone.reason is SuppressionReason.ERASED
    assert deployment.invoke(preferences, "preferences/get", Purpose.PREFERENCES)["statusCode"] == 400
