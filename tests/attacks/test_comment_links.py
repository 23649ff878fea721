"""Somebody gets hold of a link to comment by, or makes one up: reads an issue, speaks in it, fills it, wears it out.

What must never be possible: to read or to say anything by a link that was ended, altered, or made for something else;
to change anything by looking.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from newsletter.core.link_token import Purpose, sign
from newsletter.desk.adapters.comment_links import CommentLinks
from newsletter.desk.domain.comment import CommentLink
from tests.factories import SLUG, an_id, record
from tests.functions.commenting import LINK_ID, linked, put_issue, say, show
from tests.functions.conftest import EDITOR_KEYS, KEYS, Deployment

OURS = "https://briefing.example.org"


@pytest.fixture(autouse=True)
def _issue(deployment: Deployment) -> None:
    put_issue(deployment)


def test_who_guesses_gets_one_answer_whatever_is_wrong_with_the_link(deployment: Deployment) -> None:
    good, now = linked(deployment), deployment.now().replace(microsecond=0)
    link = CommentLink(LINK_ID, now, "Ann Lee")
    token = good.rpartition(".")[2]
    preview = sign(Purpose.PREVIEW, an_id(1), EDITOR_KEYS, now=now)
    old = linked(deployment, made_at=now - timedelta(days=31))
    linked(deployment)
    guesses = [
        SLUG, f"{SLUG}.{token}", f"{SLUG}.{'cd' * 8}.{token}", f"2026-12-15-never-written.{LINK_ID}.{token}",
        f"{good[:-2]}aa", f"{SLUG}.{LINK_ID}.{preview}", old, "x.y.z", good.upper(),
        CommentLinks(OURS, KEYS).to_page(SLUG, link).split("/")[-2],
        deployment.app.comment_links.to_page(SLUG, CommentLink("ef" * 8, now, "Ann Lee")).split("/")[-2],
    ]  # fmt: skip

    found = {(each["statusCode"], each["body"]) for guess in guesses for each in [show(deployment, guess)]}

    assert len(found) == 1
    status, body = found.pop()
    assert status == 400
    assert SLUG not in body
    assert {say(deployment, guess)["statusCode"] for guess in guesses} == {400}
    assert deployment.app.reviews.comments(SLUG) == []
    assert show(deployment, good)["statusCode"] == 200


@pytest.mark.parametrize("gone", ["ended", "withdrawn", "removed"])
def test_a_link_whose_issue_or_right_is_gone_shows_nothing_and_takes_nothing(deployment: Deployment, gone: str) -> None:
    signed, stands = linked(deployment), deployment.app.issues.get(SLUG)
    if gone == "ended":
        deployment.app.reviews.end_link(SLUG, LINK_ID)
    elif gone == "withdrawn":
        deployment.app.issues.put(record(withdrawn=True, version="2"), before=stands)
    else:
        deployment.app.issues.put(record(version="there is no such version"), before=stands)

    assert show(deployment, signed)["statusCode"] == 400
    assert say(deployment, signed)["statusCode"] == 400
    assert deployment.app.reviews.comments(SLUG) == []


def test_a_scanner_that_opens_the_link_changes_nothing(deployment: Deployment) -> None:
    signed = linked(deployment)
    deployment.drain("publish")
    for method in ("GET", "HEAD"):
        assert show(deployment, signed, method=method)["statusCode"] == 200
    for method in ("PUT", "DELETE", "OPTIONS"):
        assert show(deployment, signed, method=method)["statusCode"] in (404, 405)

    assert deployment.app.reviews.comments(SLUG) == []
    assert deployment.in_queue("publish") == 0


def test_a_body_of_megabytes_is_refused_before_it_is_read(deployment: Deployment) -> None:
    signed = linked(deployment)

    assert say(deployment, signed, words="x" * 1_000_000)["statusCode"] == 400
    assert deployment.app.reviews.comments(SLUG) == []
