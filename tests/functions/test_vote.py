"""/vote: opening the page counts nothing, pressing a button counts once."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from functions.vote.handler import lambda_handler
from newsletter.core.link_token import Purpose, sign
from newsletter.core.links import NOBODY, Links
from newsletter.feedback.domain.response import Responses
from tests.factories import SLUG, an_id
from tests.functions.conftest import KEYS, Deployment, load

LINKS = Links("https://briefing.example.org", KEYS)


def ask(deployment: Deployment, case: str, *, slug: str = SLUG, token: str = "", reader: str = "") -> dict[str, Any]:
    """Open or post the link of a reader; with another token or slug, of whoever tries that."""
    url = LINKS.to_vote(SLUG, reader or an_id(1), now=deployment.now())
    token = token or url.partition("token=")[2].partition("&")[0]
    event = json.loads(json.dumps(load(f"vote/{case}")).replace("SLUG", slug).replace("TOKEN", token))
    answer: dict[str, Any] = lambda_handler(event, deployment.context)
    return answer


def counted(deployment: Deployment) -> Responses | None:
    return deployment.app.responses.of_issue(SLUG)


def test_a_program_that_follows_links_counts_nothing(deployment: Deployment) -> None:
    answers = [ask(deployment, case) for case in ("get", "head") * 50]

    assert {answer["statusCode"] for answer in answers} == {200}
    assert counted(deployment) is None


def test_the_page_has_two_buttons_and_the_word_that_was_clicked_looks_pressed(deployment: Deployment) -> None:
    body = ask(deployment, "get")["body"]

    assert '<button class="second" type="submit" name="answer" value="yes">Yes</button>' in body
    assert '<button type="submit" name="answer" value="no">Not really</button>' in body
    assert f"/issues/{SLUG}/" in body


def test_pressing_counts_the_answer_once_however_often_it_is_pressed(deployment: Deployment) -> None:
    first, *again = [ask(deployment, "post") for _ in range(100)]

    assert (first["statusCode"], "It is counted" in first["body"]) == (200, True)
    assert all("that one stands" in answer["body"] for answer in again)
    assert counted(deployment) == Responses(useful=1)


def test_two_readers_count_as_two(deployment: Deployment) -> None:
    for number in (1, 2):
        ask(deployment, "post", reader=an_id(number))

    assert counted(deployment) == Responses(useful=2)


def test_a_robot_that_fills_in_every_field_is_thanked_and_not_counted(deployment: Deployment) -> None:
    answer = ask(deployment, "post_robot")

    assert (answer["statusCode"], "It is counted" in answer["body"]) == (200, True)
    assert counted(deployment) is None


def test_an_answer_that_there_is_no_button_for_is_refused(deployment: Deployment) -> None:
    assert ask(deployment, "post_nothing")["statusCode"] == 400
    assert counted(deployment) is None


def test_the_link_in_a_test_email_works_and_counts_nothing(deployment: Deployment) -> None:
    assert ask(deployment, "post", reader=NOBODY)["statusCode"] == 200
    assert counted(deployment) is None


@pytest.mark.parametrize("purpose", [each for each in Purpose if each is not Purpose.VOTE])
def test_no_other_link_of_a_reader_votes(deployment: Deployment, purpose: Purpose) -> None:
    token = sign(purpose, an_id(1), KEYS, now=deployment.now())

    assert ask(deployment, "post", token=token)["statusCode"] == 400


def test_nothing_that_is_kept_or_logged_names_the_reader_or_the_answer(
    deployment: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        ask(deployment, "post")
    (line,) = (record for record in caplog.records if record.message == "vote")

    assert {name: line.__dict__[name] for name in ("issue", "outcome")} == {"issue": SLUG, "outcome": "counted"}
    for word in (an_id(1), "yes", "useful"):
        assert word not in str(line.__dict__["issue"]) + str(line.__dict__["outcome"])
