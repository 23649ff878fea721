"""The pages behind the links: GET, HEAD and OPTIONS change nothing, POST acts, a bad token says what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.confirm.handler import lambda_handler as confirm
from functions.preferences.handler import lambda_handler as preferences
from functions.unsubscribe.handler import lambda_handler as unsubscribe
from newsletter.core.link_token import Purpose
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.domain.suppression import SuppressionReason
from tests.factories import an_id, record, subscriber
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
        (preferences, "preferences/get", Purpose.ACCOUNT),
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
def test_a_link_shows_forms_of_one_button_and_no_script(
    deployment: Deployment, function: Any, event: str, purpose: Purpose
) -> None:
    answer = deployment.invoke(function, event, purpose)

    assert answer["statusCode"] == 200
    assert answer["body"].count("<form") == answer["body"].count("<button")
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
    assert deployment.in_queue("greet") == 1  # the welcome, a moment later


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
    assert "from the email again" in answer["body"]
    assert stored(deployment) == before


def test_a_token_for_another_purpose_is_refused(deployment: Deployment) -> None:
    deployment.save(subscriber())

    assert deployment.invoke(unsubscribe, "unsubscribe/button", Purpose.PREFERENCES)["statusCode"] == 400
    assert stored(deployment).in_audience


@pytest.mark.parametrize("event", ["one_click_urlencoded", "one_click_multipart", "button", "unreadable_body"])
def test_leaving_is_one_post_answered_with_200_and_no_redirect(deployment: Deployment, event: str) -> None:
    """RFC 8058, sections 3.1 and 3.2: both encodings, no cookie, no redirect."""
    deployment.save(subscriber())

    answers = [deployment.invoke(unsubscribe, f"unsubscribe/{event}", Purpose.UNSUBSCRIBE) for _ in range(2)]

    assert [answer["statusCode"] for answer in answers] == [200, 200]
    assert "Location" not in answers[0]["headers"]
    assert "Set-Cookie" not in answers[0]["headers"]
    assert stored(deployment).status is Status.UNSUBSCRIBED


def test_leaving_is_taken_back_and_explained_on_the_same_page(deployment: Deployment) -> None:
    deployment.save(subscriber())
    page = deployment.invoke(unsubscribe, "unsubscribe/button", Purpose.UNSUBSCRIBE)
    assert 'value="undo"' in page["body"]
    assert page["body"].count('name="reason"') == 4

    assert deployment.invoke(unsubscribe, "unsubscribe/reason", Purpose.UNSUBSCRIBE)["statusCode"] == 200
    assert stored(deployment).left_because == "too_many"
    assert deployment.invoke(unsubscribe, "unsubscribe/undo", Purpose.UNSUBSCRIBE)["statusCode"] == 200
    assert stored(deployment).in_audience


def test_a_pause_is_recorded_and_ended(deployment: Deployment) -> None:
    deployment.save(subscriber())

    for function, event, purpose in (
        (unsubscribe, "unsubscribe/pause", Purpose.UNSUBSCRIBE),
        (preferences, "preferences/pause", Purpose.PREFERENCES),
    ):
        assert deployment.invoke(function, event, purpose)["statusCode"] == 200
        assert stored(deployment).rests_until is not None
        assert deployment.invoke(unsubscribe, "unsubscribe/resume", Purpose.UNSUBSCRIBE)["statusCode"] == 200
        assert stored(deployment).rests_until is None


def test_a_day_that_is_none_is_refused_with_a_sentence(deployment: Deployment) -> None:
    deployment.save(subscriber())

    answer = deployment.invoke(unsubscribe, "unsubscribe/pause_until_nonsense", Purpose.UNSUBSCRIBE)

    assert (answer["statusCode"], "2026-12-31" in answer["body"]) == (400, True)


def test_leaving_by_address_answers_the_same_for_everybody(deployment: Deployment) -> None:
    assert "<form" in deployment.invoke(unsubscribe, "unsubscribe/without_token")["body"]

    answers = [deployment.invoke(unsubscribe, f"unsubscribe/{who}") for who in ("by_address", "by_stranger")]

    assert answers[0] == answers[1]
    assert answers[0]["statusCode"] == 200
    assert [each["occasion"] for each in deployment.drain("greet")] == ["leave_link"] * 2
    assert deployment.invoke(unsubscribe, "unsubscribe/by_bad_address")["statusCode"] == 422


def test_a_subscriber_changes_name_language_and_topics_and_takes_everything_along(deployment: Deployment) -> None:
    deployment.save(subscriber())
    for slug, topics in (("a", ("housing", "bins")), ("b", ("rates",))):
        deployment.app.issues.put(record(slug=slug, topics=topics, listed=True, status=IssueStatus.SENT), before=None)

    page = deployment.invoke(preferences, "preferences/save", Purpose.ACCOUNT)

    assert page["statusCode"] == 200
    assert "Countess Lovelace" in page["body"]
    assert stored(deployment).muted_topics == ("bins",)
    for event in ("preferences/get_json", "preferences/download"):
        held = json.loads(deployment.invoke(preferences, event, Purpose.ACCOUNT)["body"])["subscriber"]
        assert (held["email"], held["name"], held["lang"]) == ("reader1@example.org", "Countess Lovelace", "cy")


def test_a_change_of_address_waits_for_the_new_mailbox(deployment: Deployment) -> None:
    deployment.save(subscriber())

    assert deployment.invoke(preferences, "preferences/change_email", Purpose.ACCOUNT)["statusCode"] == 200

    assert stored(deployment).in_audience
    assert [each["occasion"] for each in deployment.drain("greet")] == ["move", "moving"]
    bad = deployment.invoke(preferences, "preferences/change_email_bad", Purpose.ACCOUNT)
    assert (bad["statusCode"], "does not look like" in bad["body"]) == (422, True)


def test_the_link_of_a_footer_shows_nothing_and_has_a_fresh_one_mailed(deployment: Deployment) -> None:
    before = deployment.save(subscriber(name="Ada"))

    page = deployment.invoke(preferences, "preferences/get", Purpose.PREFERENCES)
    assert page["statusCode"] == 200
    assert not any(word in page["body"] for word in ("reader1@example.org", "Ada", "change_email", '"erase"'))
    for event in ("get_json", "download"):
        answer = deployment.invoke(preferences, f"preferences/{event}", Purpose.PREFERENCES)
        assert "reader1@example.org" not in answer["body"]
    for event in ("save", "change_email", "erase", "end_links"):
        answer = deployment.invoke(preferences, f"preferences/{event}", Purpose.PREFERENCES)
        assert (answer["statusCode"], "new link" in answer["body"]) == (403, True)
    assert stored(deployment) == before

    assert deployment.invoke(preferences, "preferences/send_link", Purpose.PREFERENCES)["statusCode"] == 200
    assert [each["occasion"] for each in deployment.drain("greet")] == ["account_link"]


def test_a_fresh_link_by_address_answers_the_same_for_everybody(deployment: Deployment) -> None:
    assert "<form" in deployment.invoke(preferences, "preferences/without_token")["body"]

    answers = [deployment.invoke(preferences, f"preferences/{who}") for who in ("by_address", "by_stranger")]

    assert answers[0] == answers[1]
    assert answers[0]["statusCode"] == 200
    assert [each["occasion"] for each in deployment.drain("greet")] == ["account_link"] * 2
    assert deployment.invoke(preferences, "preferences/by_bad_address")["statusCode"] == 422


def test_older_links_that_were_ended_open_nothing_but_leaving(deployment: Deployment) -> None:
    deployment.save(subscriber())

    assert deployment.invoke(preferences, "preferences/end_links", Purpose.ACCOUNT)["statusCode"] == 200

    for event, purpose in (("get", Purpose.ACCOUNT), ("pause", Purpose.PREFERENCES), ("save", Purpose.ACCOUNT)):
        old = deployment.invoke(preferences, f"preferences/{event}", purpose, age=60)
        assert (old["statusCode"], "can only be used to unsubscribe" in old["body"]) == (400, True)
    assert deployment.invoke(unsubscribe, "unsubscribe/button", Purpose.UNSUBSCRIBE, age=60)["statusCode"] == 200
    assert stored(deployment).status is Status.UNSUBSCRIBED


def test_the_button_in_a_mail_about_an_old_consent_makes_a_new_receipt_and_nothing_else(deployment: Deployment) -> None:
    before = deployment.save(subscriber(name="Ada", renewal_asked_at=deployment.now()))

    assert deployment.invoke(confirm, "confirm/get", Purpose.RENEW)["statusCode"] == 200
    assert stored(deployment) == before
    pages = [deployment.invoke(confirm, "confirm/post", Purpose.RENEW) for _ in range(2)]

    assert [page["statusCode"] for page in pages] == [200, 200]
    after = stored(deployment)
    assert (after.name, after.status, after.renewal_asked_at) == ("Ada", Status.CONFIRMED, None)
    assert after.consent is not None
    assert after.consent.page == "renewal"
    assert after.consent.words
    assert after.consent.holds(deployment.app.address_key)
    assert deployment.in_queue("greet") == 0, "nobody is welcomed who was here"


def test_a_form_that_does_not_say_what_to_do_does_nothing(deployment: Deployment) -> None:
    before = deployment.save(subscriber())

    assert deployment.invoke(preferences, "preferences/no_action", Purpose.ACCOUNT)["statusCode"] == 400
    assert stored(deployment) == before


def test_erasure_leaves_only_the_tombstone(deployment: Deployment) -> None:
    deployment.save(subscriber())

    assert deployment.invoke(preferences, "preferences/erase", Purpose.ACCOUNT)["statusCode"] == 200

    assert deployment.app.subscribers.get(ADA) is None
    tombstone = deployment.app.suppressions.get(ADA)
    assert tombstone is not None
    assert tombstone.reason is SuppressionReason.ERASED
    assert deployment.invoke(preferences, "preferences/get", Purpose.PREFERENCES)["statusCode"] == 400
