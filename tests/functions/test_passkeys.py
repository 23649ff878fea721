"""Passkeys: offered after a sign-in by link, added and removed at /desk/account/, and enough to come in by."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from functions.sign_in.handler import lambda_handler as sign_in
from functions.sign_in_mail.handler import lambda_handler as sign_in_mail
from newsletter.core.team import Role
from newsletter.desk.domain.act import FRESH_FOR
from newsletter.desk.domain.member import Member
from newsletter.desk.domain.session import IDLE, IDLE_WITH_PASSKEY, Session, hash_of
from newsletter.desk.passkeys.passkey import MOST
from newsletter.desk.passkeys.sign_in_by_passkey import LIMITS
from newsletter.desk.sessions.change_team import invite, remove
from tests.desk.authenticator import Device, decoded
from tests.functions.conftest import Deployment, deployed, load
from tests.functions.desk_browser import OWNER, SESSION, Browser, age, mail_all, mailed

CHALLENGE = "__Host-passkey"
OWNER_ID = Member(OWNER).member_id
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def browser(deployment: Deployment) -> Browser:
    return Browser(deployment)


@pytest.fixture
def device() -> Device:
    return Device()


def did(deployment: Deployment) -> list[tuple[str, str, str, str]]:
    """Return the log, oldest first."""
    month = deployment.app.activities.month(f"{deployment.now():%Y-%m}", most=100)
    return [(each.actor, each.did, each.what, each.details) for each in reversed(month)]


def words(answer: Any) -> str:
    """Return what a person reads on a page."""
    main = answer["body"].partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main.partition(">")[2]).split())


# --- the offer ------------------------------------------------------------------------------------------------------


def test_a_device_that_takes_passkeys_is_offered_one_after_the_first_sign_in_and_on_the_way_to_the_page_asked_for(
    browser: Browser, deployment: Deployment
) -> None:
    browser.asks()
    token, _ = mailed(deployment)
    path = f"/desk/sign-in?token={token}&next=/desk/issues/"

    answer = browser.send("sign_in/press", path=path, press="yes", passkeys="yes")

    assert answer["headers"]["Location"] == "/desk/account/offer/?next=/desk/issues/"
    page = browser.send("sign_in/form", path=answer["headers"]["Location"])
    assert "Sign in with your fingerprint or face next time" in words(page)
    assert browser.is_in, "nobody has to say yes or no"
    declined = browser.posts("sign_in/invite", path="/desk/account/not-now", next="/desk/issues/")
    assert declined["headers"]["Location"] == "/desk/issues/"


def test_not_now_is_remembered_and_whoever_has_a_passkey_is_asked_no_more(
    deployment: Deployment, device: Device
) -> None:
    def comes(email: str) -> str:
        browser = Browser(deployment)
        browser.asks(email)
        code = mailed(deployment, email)[1]
        answer = browser.send("sign_in/code", code=code, passkeys="yes")
        if "offer" in answer["headers"]["Location"]:
            if email == OWNER:
                browser.posts("sign_in/invite", path="/desk/account/not-now")
            else:
                browser.adds_passkey(device)
        return str(answer["headers"]["Location"])

    invite("ann@example.org", "Ann", [Role.WRITER], members=deployment.app.members, now=deployment.now())
    for email in (OWNER, "ann@example.org"):
        assert [comes(email) for _ in range(2)] == ["/desk/account/offer/?next=/desk/", "/desk/"]


@pytest.mark.parametrize("url", ["https://briefing.example.org", "http://127.0.0.1:8025", "http://b.example.org"])
def test_where_browsers_make_no_passkeys_none_is_offered_and_the_account_says_why(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    with deployed(monkeypatch, PUBLIC_URL=url) as deployment:
        browser, now, fits = Browser(deployment), deployment.now(), url.startswith("https")
        page = browser.send("sign_in/form")["body"]
        assert ("data-passkey" in page, "passkeys.js" in page) == (fits, fits)

        browser.cookies[SESSION] = "a secret"
        deployment.app.sessions.open(Session(hash_of("a secret"), OWNER_ID, now, now))
        page = browser.send("sign_in/form", path="/desk/account")
        assert ("This address is none" in words(page), "data-passkey" in page["body"]) == (not fits, fits)


# --- adding and removing ---------------------------------------------------------------------------------------------


def test_what_a_device_is_asked_for_is_a_passkey_that_knows_its_person_and_says_nothing_of_its_maker(
    browser: Browser,
) -> None:
    browser.signs_in()
    asked = browser.asks_device_for_new()

    assert asked["rp"]["id"] == "briefing.example.org"
    chosen = asked["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["requireResidentKey"], chosen["userVerification"]) == (
        "required", True, "required",
    )  # fmt: skip
    assert asked["attestation"] == "none"
    assert len(decoded(asked["challenge"])) == 32
    assert asked["user"]["name"] == OWNER
    assert len(decoded(asked["user"]["id"])) == 32
    assert asked["user"]["id"] == browser.asks_device_for_new()["user"]["id"], "one person on all devices"
    assert asked["challenge"] != browser.asks_device_for_new()["challenge"]


def test_the_account_shows_each_passkey_and_removes_it_and_the_person_is_told_by_email(
    browser: Browser, deployment: Deployment, device: Device
) -> None:
    browser.signs_in()
    assert "With a passkey you sign in by fingerprint" in words(browser.send("sign_in/form", path="/desk/account"))
    browser.adds_passkey(device, "  Kim’s\r\nphone ")
    mail_all(deployment)

    mail = deployment.ses.messages(to=OWNER)[0]
    assert mail["subject"].startswith("A passkey was added to your account")
    assert "https://briefing.example.org/desk/account/" in mail["text"]
    page = browser.send("sign_in/form", path="/desk/account?done=added")
    assert "Kim’s phone" in words(page)
    assert "Not used yet" in words(page)
    again = browser.asks_device_for_new()["excludeCredentials"]
    assert [decoded(each["id"]) for each in again] == [device.held[0].credential_id]

    (path,) = re.findall(r'action="(/desk/account/passkeys/\w+/remove)"', page["body"])
    assert browser.posts("sign_in/invite", path=path)["headers"]["Location"] == "/desk/account/?done=removed"
    assert browser.posts("sign_in/invite", path=path)["statusCode"] == 400
    assert [(line[1], line[2]) for line in did(deployment)] == [
        ("signed in", ""), ("added a passkey", "Kim’s phone"), ("removed a passkey", "Kim’s phone"),
    ]  # fmt: skip


def test_adding_and_removing_take_a_fresh_sign_in_which_a_passkey_is(
    browser: Browser, deployment: Deployment, device: Device
) -> None:
    browser.signs_in()
    browser.adds_passkey(device)
    age(deployment, "session", "opened_at", FRESH_FOR + A_MINUTE)

    for path in ("/desk/account/challenge", "/desk/account/passkeys"):
        answer = browser.posts("sign_in/invite", path=path)
        assert answer["headers"]["Location"] == "/desk/sign-in?next=/desk/account/&again=yes"
    path = "/desk/sign-in/passkey?next=/desk/account/"
    answer = browser.send("sign_in/passkey", path=path, credential=device.uses(browser.asks_device()))

    assert answer["headers"]["Location"] == "/desk/account/"
    assert browser.asks_device_for_new()


def test_ten_passkeys_are_enough(browser: Browser, deployment: Deployment, device: Device) -> None:
    browser.signs_in()
    for _ in range(MOST - 1):
        browser.adds_passkey(device)
    at_once = [browser.asks_device_for_new() for _ in range(2)]
    answers = [browser.keeps(device.makes(each))["statusCode"] for each in at_once]

    assert answers == [303, 400]
    answer = browser.posts("sign_in/invite", path="/desk/account/challenge")
    assert "remove one that you do not use" in words(answer)
    assert "data-passkey" not in browser.send("sign_in/form", path="/desk/account")["body"]


# --- coming in ------------------------------------------------------------------------------------------------------


def test_a_passkey_is_enough_to_come_in_and_keeps_one_in_for_thirty_days(
    browser: Browser, deployment: Deployment, device: Device
) -> None:
    browser.signs_in()
    browser.adds_passkey(device, "phone")
    phone = Browser(deployment, "198.51.100.7")

    asked = phone.asks_device()
    (cookie,) = phone.set_cookies
    answer = phone.shows(device.uses(asked))

    assert {"Path=/", "Secure", "HttpOnly", "SameSite=Strict", "Max-Age=300"} <= set(cookie.split("; "))
    assert (asked["rpId"], asked["userVerification"]) == ("briefing.example.org", "required")
    assert asked["allowCredentials"] == [], "it asks for nobody in particular"
    assert (answer["statusCode"], answer["headers"]["Location"]) == (303, "/desk/")
    assert did(deployment)[-1] == (OWNER, "signed in", "", "by passkey: phone")
    assert "Last used on" in words(phone.send("sign_in/form", path="/desk/account"))
    age(deployment, "session", "used_at", IDLE + A_MINUTE)
    assert (browser.is_in, phone.is_in) == (False, True)
    age(deployment, "session", "used_at", IDLE_WITH_PASSKEY + A_MINUTE)
    assert not phone.is_in


def test_neither_challenge_nor_cookie_is_in_the_table_that_keeps_them(browser: Browser, deployment: Deployment) -> None:
    asked = browser.asks_device()
    client: Any = deployment.app.passkeys._client
    kept = repr(client.scan(TableName=deployment.app.settings.sessions_table)["Items"])

    assert browser.cookies[CHALLENGE] not in kept
    assert hash_of(browser.cookies[CHALLENGE]) in kept
    assert asked["challenge"] not in kept
    assert repr(decoded(asked["challenge"]))[2:-1] not in kept


def test_signing_out_everywhere_ends_sessions_by_passkey_and_the_passkey_signs_in_again(
    browser: Browser, deployment: Deployment, device: Device
) -> None:
    browser.signs_in()
    browser.adds_passkey(device)
    phone = Browser(deployment, "198.51.100.7")
    phone.comes_by_passkey(device)

    browser.posts("sign_in/sign_out", everywhere="yes")

    assert (browser.is_in, phone.is_in) == (False, False)
    assert phone.comes_by_passkey(device)["statusCode"] == 303


def test_who_is_removed_loses_their_passkeys_also_when_they_are_invited_again(
    deployment: Deployment, device: Device
) -> None:
    app, ann = deployment.app, "ann@example.org"
    invite(ann, "Ann", [Role.WRITER], members=app.members, now=deployment.now())
    hers = Browser(deployment)
    hers.signs_in(ann)
    hers.adds_passkey(device)
    (passkey,) = app.passkeys.of_member(Member(ann).member_id)

    remove(Member(ann).member_id, members=app.members, passkeys=app.passkeys)
    invite(ann, "Ann", [Role.WRITER], members=app.members, now=deployment.now())

    assert hers.comes_by_passkey(device)["statusCode"] == 400
    assert app.passkeys.find(passkey.passkey_id) is None
    assert app.passkeys.keyring(Member(ann).member_id).user_handle == b""
    app.passkeys.start_keyring(Member(ann).member_id, passkey.user_handle)
    assert app.passkeys.add(passkey), "as if the removal had been cut off before it came to the passkeys"
    assert hers.comes_by_passkey(device)["statusCode"] == 400


def test_a_network_that_tries_too_often_has_to_wait(deployment: Deployment) -> None:
    browser = Browser(deployment)
    codes = [browser.send("sign_in/challenge")["statusCode"] for _ in range(LIMITS[0].most + 1)]

    assert codes == [200] * 60 + [429]
    assert Browser(deployment, "198.51.100.7").send("sign_in/challenge")["statusCode"] == 200


def test_the_script_is_served_to_whoever_is_not_signed_in_and_the_page_may_load_it(deployment: Deployment) -> None:
    page = Browser(deployment).send("sign_in/form")
    (address,) = re.findall(r'<script type="module" src="([^"]+)"', page["body"])
    answer = Browser(deployment).send("sign_in/form", path=address)

    assert f"https://briefing.example.org{address.partition('?')[0]}" in page["headers"]["Content-Security-Policy"]
    assert answer["headers"]["Content-Type"].startswith("text/javascript")
    assert "immutable" in answer["headers"]["Cache-Control"]
    assert "navigator.credentials" in answer["body"]


# --- the team -------------------------------------------------------------------------------------------------------


def test_owners_and_operators_see_how_many_passkeys_somebody_has(
    browser: Browser, deployment: Deployment, device: Device
) -> None:
    browser.signs_in()
    before = sign_in({"action": "team"}, deployment.context)["members"]
    assert "passkey" not in words(browser.send("sign_in/form", path="/desk/team"))
    browser.adds_passkey(device)

    assert [each["passkeys"] for each in before] == [0]
    assert [each["passkeys"] for each in sign_in({"action": "team"}, deployment.context)["members"]] == [1]
    assert "1 passkey" in words(browser.send("sign_in/form", path="/desk/team"))


def test_the_email_about_a_passkey_goes_to_nobody_who_is_not_in_the_team(deployment: Deployment) -> None:
    assert sign_in_mail(load("sign_in_mail/passkey_added"), deployment.context) == {"batchItemFailures": []}
    assert deployment.ses.messages() == []

    event = load("sign_in_mail/passkey_added")
    event["Records"][0]["body"] = json.dumps({"passkey_added": OWNER})
    assert len(sign_in_mail(event, deployment.context)["batchItemFailures"]) == 1


def test_whoever_comes_from_another_website_gets_no_challenge_and_no_session(
    browser: Browser, deployment: Deployment, device: Device
) -> None:
    browser.signs_in()
    browser.adds_passkey(device)
    elsewhere = {"origin": "https://evil.example"}

    assert browser.send("sign_in/challenge", headers=elsewhere)["statusCode"] == 403
    used = device.uses(browser.asks_device())
    del browser.cookies[SESSION]
    assert browser.send("sign_in/passkey", headers=elsewhere, credential=used)["statusCode"] == 403
    assert SESSION not in browser.cookies
