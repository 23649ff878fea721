"""/desk/: who is let in, what each page shows, and that a button does what it says, once, for whoever may press it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from newsletter.core.team import Editor
from newsletter.issues.domain.issue import IssueStatus
from tests.factories import SLUG, record, rendered
from tests.functions.conftest import Deployment, deployed
from tests.functions.desk_browser import SESSION, Browser, age, stored

ANN, BEN = "ann@example.org", "ben@example.org"
TEAM = f"Ann Lee <{ANN}> approver; Ben Fox <{BEN}> writer"
HASH = "a" * 64
PAGES = ("today", "issues", "issue", "log")


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with deployed(monkeypatch, EDITORS=TEAM, REQUIRE_APPROVAL="anyone") as deployment:
        deployment.app.issues.put(record(), before=None)
        deployment.app.content.put_rendered(rendered())
        yield deployment


@pytest.fixture
def desk(deployment: Deployment) -> Deployment:
    return deployment


def signed_in(desk: Deployment, email: str) -> Browser:
    browser = Browser(desk)
    browser.signs_in(email)
    return browser


def approved(desk: Deployment) -> str:
    found = desk.app.issues.get(SLUG)
    assert found is not None
    return found.approved


def did(desk: Deployment) -> list[tuple[str, str, str]]:
    """Return the log, oldest first, without who signed in."""
    month = desk.app.activities.month(f"{desk.now():%Y-%m}", most=100)
    return [(each.actor, each.did, each.what) for each in reversed(month) if each.did != "signed in"]


# --- who is let in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "to"),
    [
        ("today", "/desk/sign-in"),
        ("today_head", "/desk/sign-in"),
        ("issues", "/desk/sign-in?next=/desk/issues/"),
        ("approve", f"/desk/sign-in?next=/desk/issues/{SLUG}/approve"),
    ],
)
def test_without_a_session_one_is_sent_to_sign_in(desk: Deployment, page: str, to: str) -> None:
    before = stored(desk)
    for cookie in ("", "nonsense", "x" * 5000):
        browser = Browser(desk)
        browser.cookies = {SESSION: cookie} if cookie else {}

        answer = browser.send(f"desk/{page}")

        assert (answer["statusCode"], answer["headers"]["Location"]) == (303, to)
        assert answer["headers"]["Cache-Control"] == "no-store"
    assert stored(desk) == before


def test_from_a_link_in_an_email_a_page_asks_once_more_from_our_own_site(desk: Deployment) -> None:
    """The browser keeps a strict cookie to itself there."""
    answer = Browser(desk).send("desk/issue", headers={"sec-fetch-site": "cross-site"})

    assert answer["statusCode"] == 200
    assert f'http-equiv="refresh" content="0;url=/desk/issues/{SLUG}/"' in answer["body"]
    assert "More for more" not in answer["body"]


def test_a_session_is_not_bound_to_the_network_it_began_on(desk: Deployment) -> None:
    """Phones change theirs all day; what a stolen cookie can do is limited otherwise, see docs/security.md."""
    ann, elsewhere = signed_in(desk, ANN), Browser(desk, "2001:db8::7")
    elsewhere.cookies = dict(ann.cookies)

    assert elsewhere.is_in


def test_a_session_of_somebody_who_was_removed_ends_at_once(desk: Deployment) -> None:
    ann = signed_in(desk, ANN)
    desk.app.members.remove(Editor("", ANN).editor_id)

    assert not ann.is_in


def test_use_is_noted_every_quarter_of_an_hour_and_no_oftener(desk: Deployment) -> None:
    ann = signed_in(desk, ANN)
    before = stored(desk)
    assert ann.is_in
    assert stored(desk) == before

    age(desk, "session", "used_at", timedelta(minutes=16))
    before = stored(desk)
    assert ann.is_in
    assert stored(desk) != before


# --- pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_what_it_is_about_changes_nothing_and_is_kept_nowhere(desk: Deployment, page: str) -> None:
    ann = signed_in(desk, ANN)
    before = stored(desk)

    answer = ann.send(f"desk/{page}")

    assert answer["statusCode"] == 200
    assert ("Ann Lee" if page == "log" else "More for more") in answer["body"]
    assert "Signed in as Ann Lee." in re.sub(r"<[^>]+>", "", answer["body"])
    assert answer["headers"]["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer["headers"]["Content-Security-Policy"]
    assert "unsafe-eval" not in answer["headers"]["Content-Security-Policy"]
    assert answer["headers"]["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in answer["headers"]
    assert stored(desk) == before


def test_an_answer_to_head_is_that_to_get(desk: Deployment) -> None:
    ann = signed_in(desk, ANN)

    assert ann.send("desk/today_head")["statusCode"] == ann.send("desk/today")["statusCode"] == 200


@pytest.mark.parametrize(
    "path", ["/desk/nothing", "/desk/issues/2026-12-15-not-there", "/desk/issues/..", "/desk/wp-admin"]
)
def test_what_is_not_there_is_a_page_that_says_so(desk: Deployment, path: str) -> None:
    answer = signed_in(desk, ANN).send("desk/issue", path=path)

    assert answer["statusCode"] == 404
    assert "Signed in as Ann Lee." in re.sub(r"<[^>]+>", "", answer["body"])


@pytest.mark.parametrize("status", [IssueStatus.DRAFT, IssueStatus.SENDING, IssueStatus.SENT, IssueStatus.CANCELLED])
@pytest.mark.parametrize("page", ["today", "issues", "issue"])
def test_every_page_can_be_shown_whatever_becomes_of_an_issue(desk: Deployment, page: str, status: IssueStatus) -> None:
    desk.app.issues.put(record(status=status, version="2"), before=desk.app.issues.get(SLUG))

    assert signed_in(desk, ANN).send(f"desk/{page}")["statusCode"] == 200


# --- buttons --------------------------------------------------------------------------------------------------------


def test_an_approver_approves_what_the_page_showed_and_the_log_says_so(desk: Deployment) -> None:
    ann = signed_in(desk, ANN)

    answer = ann.posts("desk/approve", content=HASH)

    assert (answer["statusCode"], answer["headers"]["Location"]) == (303, f"/desk/issues/{SLUG}/?done=approved")
    assert approved(desk) == HASH
    assert did(desk) == [("Ann Lee", "approved", SLUG)]
    assert (
        "Approved. This version may be sent."
        in ann.send("desk/issue", path=f"/desk/issues/{SLUG}?done=approved")["body"]
    )
    assert "Ann Lee" in ann.send("desk/log")["body"]


def test_pressing_twice_is_pressing_once(desk: Deployment) -> None:
    ann = signed_in(desk, ANN)
    ann.posts("desk/approve", content=HASH)
    ann.posts("desk/approve", content=HASH)

    assert did(desk) == [("Ann Lee", "approved", SLUG)]


def test_what_changed_a_second_ago_is_not_approved(desk: Deployment) -> None:
    ann = signed_in(desk, ANN)
    desk.app.content.put_rendered(rendered(content_hash="b" * 64))
    desk.app.issues.put(record(content_hash="b" * 64, version="2"), before=desk.app.issues.get(SLUG))

    answer = ann.posts("desk/approve", content=HASH)

    assert answer["statusCode"] == 409
    assert approved(desk) == ""
    assert did(desk) == []


@pytest.mark.parametrize("verb", ["approve", "release", "withdraw"])
def test_a_writer_decides_nothing(desk: Deployment, verb: str) -> None:
    ben = signed_in(desk, BEN)
    before = stored(desk)

    assert ben.posts("desk/approve", path=f"/desk/issues/{SLUG}/{verb}", content=HASH)["statusCode"] == 403
    assert stored(desk) == before


def test_a_writer_holds_and_an_approver_releases(desk: Deployment) -> None:
    signed_in(desk, BEN).posts("desk/approve", path=f"/desk/issues/{SLUG}/hold", content=HASH)
    held = desk.app.issues.get(SLUG)
    signed_in(desk, ANN).posts("desk/approve", path=f"/desk/issues/{SLUG}/release", content=HASH)
    released = desk.app.issues.get(SLUG)

    assert held is not None
    assert released is not None
    assert (held.held, released.held) == (True, False)
    assert did(desk) == [("Ben Fox", "held", SLUG), ("Ann Lee", "released", SLUG)]


def test_a_test_is_asked_for_one_of_the_team_and_for_nobody_else(desk: Deployment) -> None:
    ben = signed_in(desk, BEN)
    desk.drain("publish")

    assert ben.posts("desk/test", content=HASH, to="f" * 32)["statusCode"] == 409
    assert desk.in_queue("publish") == 0
    assert ben.posts("desk/test", content=HASH, to=Editor("", ANN).editor_id)["statusCode"] == 303
    assert desk.in_queue("publish") == 1
    assert did(desk) == [("Ben Fox", "asked for a test", SLUG)]


# --- forms from elsewhere -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "0" * 32, "é", "of another session"])
def test_a_form_without_the_token_of_this_session_changes_nothing(desk: Deployment, token: str) -> None:
    ann = signed_in(desk, ANN)
    foreign = signed_in(desk, BEN).form_token() if token == "of another session" else token
    before = stored(desk)

    answer = ann.send("desk/approve", form_token=foreign, content=HASH)

    assert answer["statusCode"] == 403
    assert stored(desk) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example.net"},
        {"origin": "null"},
        {"origin": "https://briefing.example.org:8443"},
        {"origin": "http://briefing.example.org"},
        {"origin": "", "sec-fetch-site": "cross-site"},
        {"origin": "", "sec-fetch-site": "same-site"},
    ],
)
def test_a_form_of_another_website_changes_nothing_even_with_the_right_token(
    desk: Deployment, headers: dict[str, str]
) -> None:
    ann = signed_in(desk, ANN)
    before = stored(desk)

    assert ann.posts("desk/approve", headers=headers, content=HASH)["statusCode"] == 403
    assert stored(desk) == before


def test_a_form_by_the_wrong_method_is_not_there(desk: Deployment) -> None:
    ann = signed_in(desk, ANN)
    before = stored(desk)

    assert ann.send("desk/issue", path=f"/desk/issues/{SLUG}/approve")["statusCode"] == 404
    assert ann.posts("desk/approve", path="/desk/issues")["statusCode"] == 404
    assert stored(desk) == before


# --- what is written down -------------------------------------------------------------------------------------------


def test_the_functions_log_names_page_and_session_and_holds_no_secret_and_no_address(
    desk: Deployment, log: StringIO
) -> None:
    ann, ben = signed_in(desk, ANN), signed_in(desk, BEN)
    ann.posts("desk/approve", content=HASH)
    ben.posts("desk/approve", content=HASH)

    lines: list[dict[str, Any]] = [json.loads(line) for line in log.getvalue().splitlines()]
    said = [line for line in lines if line["message"] == "desk"]
    assert [(line["path"], line.get("method"), line.get("refused")) for line in said] == [
        ("/desk/", "GET", None),
        ("/desk/issues/<slug>/approve", "POST", None),
        ("/desk/", "GET", None),
        ("/desk/issues/<slug>/approve", None, "decide"),
    ]
    month = desk.app.activities.month(f"{desk.now():%Y-%m}", most=100)
    assert {line["session"] for line in said} == {each.session for each in month}
    for secret in (ann.cookies[SESSION], ben.cookies[SESSION], ANN, BEN, "Ann Lee"):
        assert secret not in log.getvalue()
