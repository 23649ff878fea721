"""Passkeys in Chromium, with a virtual device: offered, added, enough to come in by, removed; and the pages about them.

Under the name `localhost`, because browsers make no passkeys for an address without a name. The functions run in this
process: what a stack adds to them is tested with its other pages.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from functions.desk.handler import lambda_handler as desk
from functions.sign_in.handler import lambda_handler as sign_in
from tests.browser.watch import Sight, Watch, look
from tests.functions.conftest import Deployment, deployed
from tests.functions.desk_browser import OWNER, mail_all

pytestmark = pytest.mark.browser

SIGN_IN = ("/desk/sign-in", "/desk/sign-out", "/desk/account", "/desk/team")
"""What begins so is answered by the function `sign_in`; see the routes in template.yaml."""
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
SOON = 20_000
"""Milliseconds. The library of passkeys is loaded when one is first in play, on a machine that does much else."""
SCREENS = [(375, False), (375, True), (1280, False), (1280, True)]


@dataclass
class Front:
    """The desk under a name of this machine, and what stands behind it."""

    deployment: Deployment
    url: str

    def code(self) -> str:
        """Return the code in the newest email to sign in."""
        mail_all(self.deployment)
        found = re.search(r"type this code: (\d{3}) (\d{3})", self.deployment.ses.messages(to=OWNER)[0]["text"])
        assert found is not None
        return found[1] + found[2]


def handler(deployment_of: dict[str, Deployment]) -> type[BaseHTTPRequestHandler]:
    turn = Lock()  # a function answers one request at a time

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path.rstrip("/")
            if not path.startswith("/desk"):
                self._say(200, {"Content-Type": "image/svg+xml"}, b'<svg xmlns="http://www.w3.org/2000/svg"/>')
                return
            function = sign_in if path.startswith(SIGN_IN) else desk
            with turn:
                answer = function(self._event(path), deployment_of["now"].context)
            headers = [*answer["headers"].items(), *(("Set-Cookie", each) for each in answer.get("cookies", []))]
            body = b64decode(answer["body"]) if answer.get("isBase64Encoded") else answer["body"].encode()
            self._say(answer["statusCode"], dict(headers), body, answer.get("cookies", []))

        do_POST = do_GET

        def _event(self, path: str) -> dict[str, Any]:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            query = urlsplit(self.path).query
            return {
                "version": "2.0", "rawPath": path, "rawQueryString": query,
                "cookies": [each.strip() for each in self.headers.get("Cookie", "").split(";") if each.strip()],
                "headers": {name.lower(): value for name, value in self.headers.items()},
                "queryStringParameters": dict(parse_qsl(query)),
                "requestContext": {
                    "http": {"method": self.command, "path": path, "sourceIp": "192.0.2.10"}, "stage": "$default",
                },
                "body": b64encode(body).decode(), "isBase64Encoded": True,
            }  # fmt: skip

        def _say(self, status: int, headers: dict[str, str], body: bytes, cookies: list[str] | None = None) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name != "Set-Cookie":
                    self.send_header(name, value)
            for cookie in cookies or ():
                self.send_header("Set-Cookie", cookie)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture(scope="module")
def front() -> Iterator[Front]:
    behind: dict[str, Deployment] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(behind))
    url = f"http://localhost:{server.server_port}"
    with pytest.MonkeyPatch.context() as environment, deployed(environment, PUBLIC_URL=url) as deployment:
        behind["now"] = deployment
        Thread(target=server.serve_forever, daemon=True).start()
        yield Front(deployment, url)
        server.shutdown()
        server.server_close()


@dataclass
class Person:
    """Somebody before a browser, with a device that knows their finger."""

    page: Page
    cdp: CDPSession
    watch: Watch
    front: Front

    def has_device(self, **unlike: object) -> str:
        """Give the browser a device; return its name."""
        self.cdp.send("WebAuthn.enable")
        answer = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": {**DEVICE, **unlike}})
        return str(answer["authenticatorId"])

    def signs_in_by_code(self) -> None:
        self.page.goto(f"{self.front.url}/desk/sign-in")
        self.page.get_by_label("Your email address").fill(OWNER)
        self.page.get_by_role("button", name="Email me a link").click()
        self.page.get_by_label("The code in the email").fill(self.front.code())
        self.page.get_by_role("button", name="Sign in").click()

    def has_no_session(self) -> None:
        self.page.context.clear_cookies()

    def sees_nothing_wrong(self) -> None:
        assert look(self.page) == Sight((), ())
        assert self.watch.complaints == []


@pytest.fixture
def person(chromium: Browser, front: Front) -> Iterator[Person]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(20_000)
    watch = Watch(front.url)
    watch.over(context)
    page = context.new_page()
    yield Person(page, context.new_cdp_session(page), watch, front)
    context.close()


def test_a_passkey_is_offered_made_used_and_removed(person: Person) -> None:
    """The whole life of one, by keyboard where a person needs no device."""
    page, url = person.page, person.front.url
    device = person.has_device()
    person.signs_in_by_code()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Sign in with your fingerprint or face next time", timeout=SOON
    )
    keep_pictures(page, "passkey-offer")
    person.sees_nothing_wrong()

    page.get_by_role("button", name="Make a passkey").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Your passkey is ready", timeout=SOON)
    (made,) = person.cdp.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert made["isResidentCredential"]
    assert made["rpId"] == "localhost"

    person.has_no_session()
    page.goto(f"{url}/desk/issues/")
    keep_pictures(page, "passkey-sign-in")
    person.sees_nothing_wrong()
    page.get_by_role("button", name="Sign in with a passkey").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Issues", timeout=SOON)
    page.get_by_role("link", name=OWNER).click()
    expect(page.locator("main")).to_contain_text("Last used on", timeout=SOON)
    keep_pictures(page, "passkey-account")
    person.sees_nothing_wrong()

    page.get_by_role("button", name="Remove Passkey 1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Removed", timeout=SOON)
    keep_pictures(page, "passkey-account-empty")
    person.sees_nothing_wrong()
    person.has_no_session()
    page.goto(f"{url}/desk/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This passkey did not sign you in", timeout=SOON)
    keep_pictures(page, "passkey-over")
    person.sees_nothing_wrong()


def test_a_device_that_does_not_recognise_its_person_signs_nobody_in_and_the_page_says_so(person: Person) -> None:
    page = person.page
    device = person.has_device()
    person.signs_in_by_code()
    page.goto(f"{person.front.url}/desk/account/")
    page.get_by_label("What to call it").fill("my laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator("main")).to_contain_text("my laptop", timeout=SOON)

    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert")).to_have_text("This device has a passkey of yours already.", timeout=SOON)
    keep_pictures(page, "passkey-account-refused")
    person.sees_nothing_wrong()

    person.has_no_session()
    person.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.goto(f"{person.front.url}/desk/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing came from your device", timeout=SOON)
    assert page.url == f"{person.front.url}/desk/sign-in"
    person.sees_nothing_wrong()


def test_without_a_device_of_its_own_a_browser_is_offered_nothing_and_goes_straight_on(person: Person) -> None:
    person.signs_in_by_code()

    expect(person.page.get_by_role("heading", level=1)).to_have_text("Today")


def test_without_javascript_there_are_links_and_codes_as_ever(chromium: Browser, front: Front) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{front.url}/desk/sign-in")

    expect(page.get_by_role("button", name="Email me a link")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    context.close()


def keep_pictures(page: Page, name: str) -> None:
    """Keep pictures of the page on every screen for somebody to look at, where DESK_PICTURES names a folder."""
    if folder := os.environ.get("DESK_PICTURES"):
        for width, dark in SCREENS:
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme="dark" if dark else "light")
            page.screenshot(path=Path(folder) / f"{name}-{width}-{'dark' if dark else 'light'}.png", full_page=True)
        page.emulate_media(color_scheme="light")
