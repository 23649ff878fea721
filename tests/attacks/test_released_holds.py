"""Whoever could make an editors' link that ends a hold would open the form to the robot that it was held for.

The button came with the hold of a lane: before 1ca7b18 there was none, and this file finds no page to ask. What must
never be possible: that a link ends a hold which it was not mailed for, whoever made it and however often it is pressed.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.release.handler import lambda_handler
from newsletter.core.link_token import Purpose, SigningKeys, sign
from newsletter.feedback.adapters.hold_links import HoldLinks
from newsletter.feedback.domain.hold_link import HoldLink
from newsletter.readers.domain.limits import Lane
from tests.functions.conftest import EDITOR_KEYS, KEYS, Deployment, load

URL = "https://briefing.example.org"


def held(deployment: Deployment, lane: Lane = Lane.SLOW, *, hours_ago: float = 0) -> HoldLink:
    """Hold a lane since so many hours, and return what its email would speak of."""
    held_at = deployment.now() - timedelta(hours=hours_ago)
    deployment.app.confirmation_watches[lane].hold("16 of 306 emails bounced permanently", now=held_at)
    return HoldLink(lane, held_at)


def link_to(deployment: Deployment, hold_link: HoldLink, keys: SigningKeys = EDITOR_KEYS, *, days_ago: int = 0) -> str:
    return HoldLinks(URL, keys).to_release(hold_link, now=deployment.now() - timedelta(days=days_ago))


def ask(deployment: Deployment, url: str, method: str = "POST", **changes: str) -> tuple[int, str]:
    """Open a link, or press its button; return the status and what became of it."""
    event = load("release/get" if method == "GET" else "release/post")
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()} | changes
    event["queryStringParameters"], event["rawQueryString"] = query, urlsplit(url).query
    event["headers"]["accept"] = "application/json"
    answer = lambda_handler(event, deployment.context)
    said: dict[str, Any] = json.loads(answer["body"])
    return int(answer["statusCode"]), str(said.get("status", ""))


def holds(deployment: Deployment, lane: Lane = Lane.SLOW) -> bool:
    return deployment.app.confirmation_watches[lane].get().holds(deployment.now())


def test_looking_changes_nothing_and_the_button_ends_the_hold_of_its_lane_alone(deployment: Deployment) -> None:
    url = link_to(deployment, held(deployment))
    held(deployment, Lane.FAST)

    assert ask(deployment, url, "GET") == (200, "held")
    assert holds(deployment)
    assert ask(deployment, url) == (200, "released")
    assert not holds(deployment)
    assert holds(deployment, Lane.FAST)


@pytest.mark.parametrize("keys", [KEYS, SigningKeys("a stranger's")])
def test_a_link_that_no_key_of_editors_signed_ends_nothing(deployment: Deployment, keys: SigningKeys) -> None:
    url = link_to(deployment, held(deployment), keys)

    assert ask(deployment, url)[0] == 400
    assert holds(deployment)


@pytest.mark.parametrize("purpose", [each for each in Purpose if each is not Purpose.RELEASE])
def test_a_token_of_another_purpose_ends_nothing(deployment: Deployment, purpose: Purpose) -> None:
    url = link_to(deployment, held(deployment))
    token = parse_qs(urlsplit(url).query)["token"][0]
    subject = urlsafe_b64decode(token)[4:20].hex()
    other = sign(purpose, subject, EDITOR_KEYS, now=deployment.now())

    assert ask(deployment, url, token=other)[0] == 400
    assert holds(deployment)


@pytest.mark.parametrize(
    "changes",
    [
        {"lane": "fast"},
        {"lane": "every"},
        {"since": "2026-12-01T09:00:00+00:00"},
        {"since": "today"},
        {"token": ""},
        {"token": "A" * 48},
    ],
)
def test_a_link_speaks_of_no_other_hold_than_it_was_mailed_for(deployment: Deployment, changes: dict[str, str]) -> None:
    url = link_to(deployment, held(deployment))
    held(deployment, Lane.FAST)

    assert ask(deployment, url, **changes)[0] == 400
    assert holds(deployment)
    assert holds(deployment, Lane.FAST)


def test_pressed_twice_it_ends_one_hold_and_not_the_next(deployment: Deployment) -> None:
    url = link_to(deployment, held(deployment, hours_ago=1.5))
    assert ask(deployment, url) == (200, "released")
    assert ask(deployment, url) == (200, "over")

    held(deployment)  # the robot came back
    assert ask(deployment, url, "GET") == (200, "newer")
    assert ask(deployment, url) == (409, "newer")
    assert holds(deployment)


def test_a_hold_that_bounced_again_needs_the_newer_mail(deployment: Deployment) -> None:
    url = link_to(deployment, held(deployment, hours_ago=2.5))
    held(deployment)

    assert ask(deployment, url) == (409, "newer")
    assert holds(deployment)


def test_after_the_hold_ended_by_itself_there_is_nothing_to_press(deployment: Deployment) -> None:
    url = link_to(deployment, held(deployment, hours_ago=5))

    assert ask(deployment, url, "GET") == (200, "over")
    assert ask(deployment, url) == (200, "over")


def test_a_link_dies_after_two_days_however_long_the_hold(deployment: Deployment) -> None:
    url = link_to(deployment, held(deployment), days_ago=3)

    assert ask(deployment, url)[0] == 400
    assert holds(deployment)


def test_the_page_says_how_it_stands_and_has_one_button_while_it_is_held(deployment: Deployment) -> None:
    url = link_to(deployment, held(deployment))
    event = load("release/get")
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    event["queryStringParameters"], event["rawQueryString"] = query, urlsplit(url).query

    page = lambda_handler(event, deployment.context)["body"]

    assert page.count("<button") == 1
    assert "16 of 306 emails bounced permanently" in page
    assert page.count(" go out</li>") == 5
    assert "10 in a hundred go out" in page
    assert "<script" not in page
