"""/desk/sign-in, /desk/sign-out and /desk/team/: who comes to the desk; and the email that lets them in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from functions.sign_in_mail.handler import lambda_handler as sign_in_mail
from newsletter.core.link_token import Purpose, sign
from newsletter.core.team import Editor, Role
from newsletter.desk.domain.session import IDLE, hash_of
from newsletter.desk.domain.sign_in_attempt import GUESSES, WRONG_CODES_A_DAY, link_token
from newsletter.desk.sessions.ask_to_sign_in import LIMITS
from tests.functions.conftest import EDITOR_KEYS, Deployment, deployed, load
from tests.functions.desk_browser import ATTEMPT, OWNER, SESSION, Browser, age, mail_all, mailed, stored

STRANGER = "stranger@example.net"
AN_HOUR = timedelta(hours=1)
A_MINUTE_TOO_LATE = timedelta(minutes=11)
ANN = "ann@example.org"


@pytest.fixture
def browser(deployment: Deployment) -> Browser:
    return Browser(deployment)


def wrong(code: str) -> str:
    """Return another code."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def did(deployment: Deployment) -> list[tuple[str, str, str]]:
    """Return the log, oldest first."""
    month = deployment.app.activities.month(f"{deployment.now():%Y-%m}", most=100)
    return [(each.actor, each.did, each.what) for each in reversed(month)]


# --- asking ---------------------------------------------------------------------------------------------------------


def test_the_page_asks_for_an_address_and_sets_no_cookie(browser: Browser) -> None:
    answer = browser.send("sign_in/form")

    assert answer["statusCode"] == 200
    assert 'name="email"' in answer["body"]
    assert browser.cookies == {}
    assert answer["headers"]["Cache-Control"] == "no-store"


def test_a_member_and_a_stranger_get_the_same_answer_and_the_same_cookie_and_a_message_waits_for_both(
    deployment: Deployment,
) -> None:
    seen = []
    for email in (OWNER, STRANGER, "not an address", ""):
        browser = Browser(deployment)
        answer = browser.asks(email)
        seen.append((answer["statusCode"], answer["body"], answer["headers"], len(browser.cookies[ATTEMPT])))
        (cookie,) = browser.set_cookies
        assert {"Path=/", "Secure", "HttpOnly", "SameSite=Strict", "Max-Age=600"} <= set(cookie.split("; "))

    assert seen[1:] == seen[:1] * 3
    assert [list(each) for each in deployment.queued("sign_in")] == [["sign_in"]] * 4


def test_only_the_member_is_mailed_and_the_queue_holds_neither_address_nor_code(deployment: Deployment) -> None:
    Browser(deployment).asks(STRANGER)
    Browser(deployment).asks(OWNER)
    waiting = json.dumps(deployment.queued("sign_in"))
    mail_all(deployment)

    assert "@" not in waiting
    (mail,) = deployment.ses.messages()
    assert mail["to"] == OWNER
    assert mailed(deployment)[1] not in waiting


def test_an_address_is_found_however_it_is_written(browser: Browser, deployment: Deployment) -> None:
    browser.asks("  EDITORS@Example.ORG ")

    assert browser.presses(mailed(deployment)[0])["statusCode"] == 303


def test_a_message_that_comes_twice_brings_the_same_link_which_works_once(
    browser: Browser, deployment: Deployment
) -> None:
    browser.asks()
    (message,) = deployment.queued("sign_in")
    event = load("sign_in_mail/attempt")
    event["Records"][0]["body"] = json.dumps(message)
    sign_in_mail(event, deployment.context)
    sign_in_mail(event, deployment.context)

    first, second = (mail["text"] for mail in deployment.ses.messages())
    assert first == second


def test_a_message_for_nobody_mails_nobody_and_one_that_is_not_ours_comes_back(deployment: Deployment) -> None:
    assert sign_in_mail(load("sign_in_mail/attempt"), deployment.context) == {"batchItemFailures": []}

    event = load("sign_in_mail/not_ours")
    failures = sign_in_mail(event, deployment.context)["batchItemFailures"]

    assert failures == [{"itemIdentifier": event["Records"][0]["messageId"]}]
    assert deployment.ses.messages() == []


def test_a_message_that_waited_longer_than_its_link_works_mails_nobody(
    browser: Browser, deployment: Deployment
) -> None:
    browser.asks()
    age(deployment, "attempt", "asked_at", A_MINUTE_TOO_LATE)
    mail_all(deployment)

    assert deployment.ses.messages() == []


def test_the_twenty_first_email_to_one_address_within_an_hour_is_not_sent_and_the_page_says_the_same(
    deployment: Deployment,
) -> None:
    most = next(limit.most for limit in LIMITS if limit.name == "sign-in-address")
    answers = {Browser(deployment, f"192.0.2.{number}").asks()["body"] for number in range(most + 1)}
    mail_all(deployment)

    assert len(answers) == 1
    assert len(deployment.ses.messages(to=OWNER)) == most == 20


def test_a_network_that_asks_for_everybody_has_to_wait(deployment: Deployment) -> None:
    browser, most = Browser(deployment), LIMITS[0].most

    codes = [browser.asks(f"person-{number}@example.net")["statusCode"] for number in range(most + 1)]

    assert codes == [200] * 60 + [429]
    assert Browser(deployment, "198.51.100.7").asks()["statusCode"] == 200


# --- coming in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["link", "link_head"])
def test_opening_the_link_changes_nothing_whoever_opens_it(
    browser: Browser, deployment: Deployment, event: str
) -> None:
    browser.asks()
    token, _ = mailed(deployment)
    before = stored(deployment)

    for somebody in (browser, Browser(deployment, "198.51.100.7")):
        assert somebody.send(f"sign_in/{event}", token=token)["statusCode"] == 200
        assert somebody.set_cookies == []

    assert stored(deployment) == before
    assert browser.presses(token)["statusCode"] == 303


def test_the_button_signs_in_the_browser_that_asked(browser: Browser, deployment: Deployment) -> None:
    answer = browser.signs_in()

    assert (answer["statusCode"], answer["headers"]["Location"]) == (303, "/desk/")
    (cookie,) = browser.set_cookies
    assert cookie.startswith(f"{SESSION}=")
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert browser.is_in
    assert did(deployment) == [(OWNER, "signed in", "")]


def test_the_tables_hold_no_secret_that_lets_anybody_in(browser: Browser, deployment: Deployment) -> None:
    browser.asks()
    token, code = mailed(deployment)
    attempt = browser.cookies[ATTEMPT]
    browser.presses(token)
    kept = json.dumps(stored(deployment))

    assert browser.cookies[SESSION] not in kept
    assert hash_of(browser.cookies[SESSION]) in kept
    assert attempt.partition(".")[2] not in kept
    assert code not in kept
    assert token not in kept


def test_the_code_signs_in_the_browser_that_asked_however_it_is_typed(browser: Browser, deployment: Deployment) -> None:
    browser.asks()
    _, code = mailed(deployment)

    assert browser.send("sign_in/code", code=wrong(code))["statusCode"] == 400
    assert browser.send("sign_in/code", code=f" {code[:3]}-{code[3:]} ")["statusCode"] == 303
    assert browser.is_in


def test_another_browser_needs_link_and_code(browser: Browser, deployment: Deployment) -> None:
    browser.asks()
    token, code = mailed(deployment)
    other = Browser(deployment, "198.51.100.7")

    assert "This is another browser" in other.presses(token)["body"]
    assert other.send("sign_in/code", code=code)["statusCode"] == 400, "a code alone is nothing elsewhere"
    assert not other.is_in
    assert other.send("sign_in/press", token=token, code=wrong(code))["statusCode"] == 400
    assert other.send("sign_in/press", token=token, code=code)["statusCode"] == 303
    assert other.is_in
    assert not browser.is_in


def test_whoever_presses_a_link_that_somebody_else_asked_for_opens_no_session_of_theirs(deployment: Deployment) -> None:
    """A stranger asks in her name, and has her press: she is not signed in, and neither is he."""
    stranger, she = Browser(deployment, "198.51.100.7"), Browser(deployment)
    stranger.asks()
    token, _ = mailed(deployment)

    assert "This is another browser" in she.presses(token)["body"]
    assert not she.is_in
    assert not stranger.is_in


def test_a_link_works_once(browser: Browser, deployment: Deployment) -> None:
    browser.asks()
    token, code = mailed(deployment)
    browser.presses(token)
    again = Browser(deployment)
    again.cookies[ATTEMPT] = browser.cookies[ATTEMPT]

    assert again.presses(token)["statusCode"] == 400
    assert again.send("sign_in/code", code=code)["statusCode"] == 400
    assert not again.is_in


@pytest.mark.parametrize("late", [A_MINUTE_TOO_LATE, AN_HOUR])
def test_link_and_code_end_after_ten_minutes(browser: Browser, deployment: Deployment, late: timedelta) -> None:
    browser.asks()
    token, code = mailed(deployment)
    attempt_id = browser.cookies[ATTEMPT].partition(".")[0]
    attempt = deployment.app.sessions.attempt(attempt_id)
    assert attempt is not None
    old = link_token(replace(attempt, asked_at=attempt.asked_at - late))
    assert browser.presses(old)["statusCode"] == 400

    age(deployment, "attempt", "asked_at", late)

    assert browser.presses(token)["statusCode"] == 400
    assert browser.send("sign_in/code", code=code)["statusCode"] == 400
    assert not browser.is_in


def test_a_link_for_something_else_or_of_nobody_signs_nobody_in(browser: Browser, deployment: Deployment) -> None:
    browser.asks()
    attempt_id = browser.cookies[ATTEMPT].partition(".")[0]
    for token in (sign(Purpose.REPORT, attempt_id, EDITOR_KEYS, now=deployment.now()), "nonsense"):
        assert browser.presses(token)["statusCode"] == 400
    assert not browser.is_in


def test_after_five_wrong_codes_the_right_one_is_too_late_and_the_link_still_works(
    browser: Browser, deployment: Deployment
) -> None:
    browser.asks()
    token, code = mailed(deployment)
    for _ in range(GUESSES):
        assert browser.send("sign_in/code", code=wrong(code))["statusCode"] == 400

    assert "any more" in browser.send("sign_in/code", code=code)["body"]
    assert not browser.is_in
    assert browser.presses(token)["statusCode"] == 303


def test_ten_wrong_codes_a_day_end_codes_for_this_person_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    with deployed(monkeypatch, EDITORS=f"Ann Lee <{ANN}> approver") as deployment:
        guesser = Browser(deployment, "198.51.100.7")
        for _ in range(WRONG_CODES_A_DAY // GUESSES):
            guesser.asks()
            _, code = mailed(deployment)
            for _ in range(GUESSES):
                guesser.send("sign_in/code", code=wrong(code))
        owner, ann = Browser(deployment), Browser(deployment)
        owner.asks()
        token, code = mailed(deployment)
        ann.asks(ANN)

        assert owner.send("sign_in/code", code=code)["statusCode"] == 400
        assert owner.presses(token)["statusCode"] == 303
        assert ann.send("sign_in/code", code=mailed(deployment, ANN)[1])["statusCode"] == 303


def test_whoever_was_removed_meanwhile_does_not_come_in(monkeypatch: pytest.MonkeyPatch) -> None:
    with deployed(monkeypatch, EDITORS=f"Ann Lee <{ANN}> approver") as deployment:
        ann = Browser(deployment)
        ann.asks(ANN)
        token, _ = mailed(deployment, ANN)
        deployment.app.members.remove(Editor("", ANN).editor_id)

        assert ann.presses(token)["statusCode"] == 400
        assert not ann.is_in


@pytest.mark.parametrize(
    ("after", "to"),
    [
        ("/desk/issues/2026-12-01-more-for-more/", "/desk/issues/2026-12-01-more-for-more/"),
        ("//evil.example.net/", "/desk/"),
        ("/desk//evil.example.net/", "/desk/"),
        ("/desk/\\evil.example.net", "/desk/"),
        ("https://evil.example.net/", "/desk/"),
        ("/subscriptions", "/desk/"),
    ],
)
def test_afterwards_one_is_where_one_wanted_to_go_if_it_is_the_desk(
    browser: Browser, deployment: Deployment, after: str, to: str
) -> None:
    path = f"/desk/sign-in?next={after}"
    browser.send("sign_in/ask", path=path, email=OWNER)
    answer = browser.send("sign_in/code", path=path, code=mailed(deployment)[1])

    assert (answer["statusCode"], answer["headers"]["Location"]) == (303, to)


ELSEWHERE = [
    {"origin": "https://evil.example.net"},
    {"origin": "null"},
    {"origin": "https://briefing.example.org.evil.example.net"},
    {"origin": "", "sec-fetch-site": "cross-site"},
    {"origin": "", "sec-fetch-site": "same-site"},
]


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_a_form_on_another_website_asks_for_nothing_and_signs_nobody_in(
    browser: Browser, deployment: Deployment, headers: dict[str, str]
) -> None:
    before = stored(deployment)
    assert browser.send("sign_in/ask", headers=headers)["statusCode"] == 403
    assert stored(deployment) == before
    assert deployment.in_queue("sign_in") == 0

    browser.asks()
    token, _ = mailed(deployment)
    assert browser.send("sign_in/press", token=token, headers=headers)["statusCode"] == 403
    assert not browser.is_in


# --- staying and leaving --------------------------------------------------------------------------------------------


def test_a_session_ends_twelve_hours_after_its_last_use(browser: Browser, deployment: Deployment) -> None:
    browser.signs_in()
    age(deployment, "session", "used_at", IDLE - timedelta(minutes=1))
    assert browser.is_in
    age(deployment, "session", "used_at", IDLE - timedelta(minutes=1))
    assert browser.is_in, "it was in use"
    age(deployment, "session", "used_at", IDLE + timedelta(seconds=1))

    assert not browser.is_in


def test_signing_out_ends_this_session_and_no_other(browser: Browser, deployment: Deployment) -> None:
    browser.signs_in()
    other = Browser(deployment)
    other.signs_in()
    stolen = browser.cookies[SESSION]

    answer = browser.posts("sign_in/sign_out")

    assert (answer["statusCode"], answer["headers"]["Location"]) == (303, "/desk/sign-in")
    assert SESSION not in browser.cookies
    browser.cookies[SESSION] = stolen
    assert not browser.is_in
    assert other.is_in
    assert did(deployment)[-1] == (OWNER, "signed out", "")


def test_signing_out_everywhere_ends_every_session_and_a_new_one_can_be_opened(
    browser: Browser, deployment: Deployment
) -> None:
    browser.signs_in()
    other = Browser(deployment)
    other.signs_in()

    browser.posts("sign_in/sign_out", everywhere="yes")

    assert not other.is_in
    assert did(deployment)[-1] == (OWNER, "signed out everywhere", "")
    other.signs_in()
    assert other.is_in


def test_signing_out_without_a_session_is_no_error(browser: Browser) -> None:
    assert browser.send("sign_in/sign_out")["statusCode"] == 303


@pytest.mark.parametrize("headers", ELSEWHERE)
def test_no_other_website_signs_anybody_out(browser: Browser, deployment: Deployment, headers: dict[str, str]) -> None:
    browser.signs_in()

    assert browser.posts("sign_in/sign_out", headers=headers)["statusCode"] == 403
    assert browser.send("sign_in/sign_out", form_token="0" * 32)["statusCode"] == 403
    assert browser.send("sign_in/sign_out")["statusCode"] == 403
    assert browser.is_in
    assert did(deployment) == [(OWNER, "signed in", "")]


# --- the team -------------------------------------------------------------------------------------------------------


@pytest.fixture
def of_three(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    with deployed(monkeypatch, EDITORS=f"Ann Lee <{ANN}> approver; Ben Fox <ben@example.org> writer") as deployment:
        yield deployment


def path_of(email: str, what: str) -> str:
    return f"/desk/team/{Editor('', email).editor_id}/{what}"


def test_the_first_team_is_that_of_the_deployment_and_its_owner_invites(of_three: Deployment) -> None:
    owner = Browser(of_three)
    owner.signs_in()
    page = owner.send("sign_in/team")["body"]
    assert all(email in page for email in (OWNER, ANN, "ben@example.org"))

    answer = owner.posts("sign_in/invite", email="eve@example.org", name="Eve  Hill", role_keeper="yes")

    assert answer["headers"]["Location"] == "/desk/team/?done=invited"
    assert {each.email: each.roles for each in of_three.app.members.all()} == {
        OWNER: {Role.OWNER},
        ANN: {Role.APPROVER},
        "ben@example.org": {Role.WRITER},
        "eve@example.org": {Role.KEEPER},
    }
    assert did(of_three)[-1] == (OWNER, "invited", "Eve Hill")
    eve = Browser(of_three)
    eve.signs_in("eve@example.org")
    assert eve.is_in
    assert eve.send("sign_in/team")["statusCode"] == 403


def test_other_roles_and_a_removal_end_a_session_at_once(of_three: Deployment) -> None:
    owner, ann, ben = Browser(of_three), Browser(of_three), Browser(of_three)
    owner.signs_in()
    ann.signs_in(ANN)
    ben.signs_in("ben@example.org")

    assert owner.posts("sign_in/invite", path=path_of(ANN, "roles"), role_writer="yes")["statusCode"] == 303
    assert owner.posts("sign_in/invite", path=path_of("ben@example.org", "remove"))["statusCode"] == 303

    assert not ann.is_in
    assert not ben.is_in
    assert did(of_three)[-2:] == [
        (OWNER, "changed the roles of", "Ann Lee"),
        (OWNER, "removed from the team", "Ben Fox"),
    ]
    assert ann.signs_in(ANN)["statusCode"] == 303


def test_the_last_owner_stays(of_three: Deployment) -> None:
    owner = Browser(of_three)
    owner.signs_in()
    before = of_three.app.members.all()

    changes: list[tuple[str, dict[str, Any]]] = [("remove", {}), ("roles", {"role_writer": "yes"})]
    for what, roles in changes:
        answer = owner.posts("sign_in/invite", path=path_of(OWNER, what), **roles)
        assert answer["statusCode"] == 400
        assert "is the only owner" in answer["body"]

    assert of_three.app.members.all() == before
    assert owner.is_in


@pytest.mark.parametrize("typed", [{"email": "nonsense"}, {"email": "a@b.example.org, c@d.example.org"}, {}])
def test_an_address_that_cannot_be_one_is_not_invited(of_three: Deployment, typed: dict[str, Any]) -> None:
    owner = Browser(of_three)
    owner.signs_in()

    assert owner.posts("sign_in/invite", role_writer="yes", **typed)["statusCode"] == 400
    assert owner.posts("sign_in/invite", email="good@example.org")["statusCode"] == 400, "without a role"
    assert len(of_three.app.members.all()) == 3


def test_changing_the_team_takes_a_sign_in_of_the_last_quarter_of_an_hour(of_three: Deployment) -> None:
    owner = Browser(of_three)
    owner.signs_in()
    age(of_three, "session", "opened_at", timedelta(minutes=16))

    answer = owner.posts("sign_in/invite", email="eve@example.org", role_writer="yes")

    assert answer["statusCode"] == 303
    assert answer["headers"]["Location"].startswith("/desk/sign-in?next=/desk/team/")
    assert len(of_three.app.members.all()) == 3
    assert owner.send("sign_in/team")["statusCode"] == 200, "looking takes none"


def test_nobody_but_an_owner_changes_the_team(of_three: Deployment) -> None:
    ann = Browser(of_three)
    ann.signs_in(ANN)
    before = stored(of_three)

    for path in ("", path_of(ANN, "roles"), path_of(OWNER, "remove")):
        answer = ann.posts("sign_in/invite", path=path, email="eve@example.org", role_owner="yes")
        assert answer["statusCode"] == 403

    assert stored(of_three) == before


# --- what is written down -------------------------------------------------------------------------------------------


def test_the_functions_log_says_what_came_of_it_and_holds_no_secret_and_no_address(
    deployment: Deployment, log: StringIO
) -> None:
    browser = Browser(deployment)
    browser.asks()
    token, code = mailed(deployment)
    browser.send("sign_in/code", code=wrong(code))
    browser.presses(token)

    lines: list[dict[str, Any]] = [json.loads(line) for line in log.getvalue().splitlines()]
    said = [(line["message"], line.get("mailed"), line.get("result")) for line in lines]
    assert ("sign in mail", True, None) in said
    assert [result for message, _, result in said if message == "sign in"] == ["wrong_code", "signed_in"]
    for secret in (code, token, browser.cookies[SESSION], browser.cookies[ATTEMPT], OWNER):
        assert secret not in log.getvalue()
