"""sign-up.js in a real browser: it proves work to our own server, and never stands between a person and the form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps
from pathlib import Path
from secrets import token_bytes
from threading import Thread
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from newsletter.readers.domain.proof_of_work import LARGEST_NUMBER, RANDOM_BYTES, SALT_BYTES, challenge, verify
from tests.browser.conftest import chromium_executable

CHROMIUM = chromium_executable()
SCRIPT = Path(__file__).parent.parent.parent / "templates/site/sign-up.js"
KEY = "key of this test"
POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; form-action 'self'"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]


@dataclass
class Site:
    """A page with the form, and what reached the server."""

    port: int = 0
    number: int | None = None
    """The number of the challenges; by chance when None."""
    broken: bool = False
    cors: bool = False
    challenges: int = 0
    posted: list[dict[str, list[str]]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def html(self) -> str:
        return (
            '<!DOCTYPE html><html lang="en"><title>Sign up</title>'
            f'<form method="post" action="{self.url}/subscriptions">'
            '<input name="email" type="email" required aria-label="Your email address">'
            '<button type="submit">Sign up</button></form><script src="/sign-up.js" defer></script></html>'
        )

    def random(self) -> bytes:
        if self.number is None:
            return token_bytes(RANDOM_BYTES)
        return token_bytes(SALT_BYTES) + self.number.to_bytes(RANDOM_BYTES - SALT_BYTES, "big")


def handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/sign-up.js":
                self.answer("text/javascript", SCRIPT.read_text())
            elif self.path == "/challenge" and not site.broken:
                site.challenges += 1
                made = challenge(KEY, random=site.random(), now=datetime.now(UTC))
                self.answer("application/json", dumps(made.as_json()))
            elif self.path.partition("?")[0] == "/":
                self.answer("text/html", site.html())
            else:
                self.answer("text/html", "<title>Broken</title>", 500)

        def do_POST(self) -> None:
            site.posted.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.answer("text/html", '<!DOCTYPE html><html lang="en"><title>Thank you</title></html>')

        def answer(self, content_type: str, body: str, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body.encode())))
            if site.cors:
                self.send_header("Access-Control-Allow-Origin", "*")
            if self.headers["Host"].startswith("127.0.0.1"):
                self.send_header("Content-Security-Policy", POLICY)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(made))
    made.port = server.server_port
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def sign_up(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_label("Your email address").fill("ada@example.org")
    page.get_by_role("button").click()
    page.wait_for_url("**/subscriptions")


def proofs(site: Site) -> list[str | None]:
    return [posted.get("altcha", [None])[0] for posted in site.posted]


def is_proved(site: Site, payload: str | None) -> bool:
    return payload is not None and bool(verify(payload, KEY, now=datetime.now(UTC)))


@pytest.mark.parametrize("number", [0, 249, 250, 12_345, LARGEST_NUMBER])
def test_a_browser_solves_what_the_server_asks(site: Site, page: Page, number: int) -> None:
    site.number = number

    sign_up(page, site.url)

    (payload,) = proofs(site)
    assert is_proved(site, payload)
    assert site.posted[0]["email"] == ["ada@example.org"]


def test_the_work_begins_when_somebody_enters_the_form_and_not_before(site: Site, page: Page) -> None:
    page.goto(site.url)
    assert site.challenges == 0

    with page.expect_response("**/challenge"):
        page.get_by_label("Your email address").focus()
    page.get_by_role("button").focus()
    assert site.challenges == 1


def test_without_javascript_the_form_is_sent_as_it_is(site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)

    sign_up(context.new_page(), site.url)

    context.close()
    assert proofs(site) == [None]


def test_without_a_challenge_the_form_is_sent_as_it_is(site: Site, page: Page) -> None:
    site.broken = True

    sign_up(page, site.url)

    assert proofs(site) == [None]


def test_without_a_crypto_of_the_browser_the_form_is_sent_as_it_is(site: Site, page: Page) -> None:
    """Browsers have it on https and on this machine only."""
    page.add_init_script("Object.defineProperty(crypto, 'subtle', {value: undefined})")

    sign_up(page, site.url)

    assert proofs(site) == [None]


def test_a_challenge_that_never_comes_keeps_nobody_waiting(site: Site, page: Page) -> None:
    page.route("**/challenge", lambda _: None)  # neither answered nor refused
    page.clock.install()
    page.goto(site.url)
    page.get_by_label("Your email address").fill("ada@example.org")
    page.get_by_role("button").click()

    page.clock.run_for(8001)
    page.wait_for_url("**/subscriptions")

    assert proofs(site) == [None]


def test_pressing_the_button_twice_sends_the_form_once(site: Site, page: Page) -> None:
    site.number = LARGEST_NUMBER
    page.goto(site.url)
    page.get_by_label("Your email address").fill("ada@example.org")

    page.evaluate("const button = document.querySelector('button'); button.click(); button.click()")
    page.wait_for_url("**/subscriptions")

    assert len(site.posted) == 1


def test_whoever_comes_back_proves_new_work(site: Site, page: Page) -> None:
    sign_up(page, site.url)
    page.go_back()
    page.get_by_label("Your email address").fill("grace@example.org")
    page.get_by_role("button").click()
    page.wait_for_url("**/subscriptions")

    first, second = proofs(site)
    assert first != second
    assert is_proved(site, second)


def test_the_browser_still_checks_the_fields_first(site: Site, page: Page) -> None:
    page.goto(site.url)
    page.get_by_label("Your email address").fill("not an address")
    page.get_by_role("button").click()

    assert page.url == f"{site.url}/"
    assert site.posted == []


def test_the_return_key_is_enough(site: Site, page: Page) -> None:
    page.goto(site.url)
    page.keyboard.press("Tab")
    page.keyboard.type("ada@example.org")
    page.keyboard.press("Enter")
    page.wait_for_url("**/subscriptions")

    assert is_proved(site, proofs(site)[0])


@pytest.mark.parametrize("cors", [True, False])
def test_on_another_website_it_works_when_that_website_is_allowed_and_otherwise_keeps_out_of_the_way(
    site: Site, page: Page, *, cors: bool
) -> None:
    site.cors = cors
    sign_up(page, f"http://localhost:{site.port}/")  # another origin than 127.0.0.1

    (payload,) = proofs(site)
    assert is_proved(site, payload) if cors else payload is None


def test_the_campaign_of_the_link_goes_with_the_form_and_nothing_else_of_the_link_does(site: Site, page: Page) -> None:
    sign_up(page, f"{site.url}/?utm_source=linkedin&utm_source=twice&utm_campaign=%3Cb%3E&utm_term=ada&fbclid=17")

    assert {name: value for name, value in site.posted[0].items() if name not in ("email", "altcha")} == {
        "utm_source": ["twice"],
        "utm_campaign": ["<b>"],  # cleaned where it is stored
    }


def test_nothing_else_is_asked_for_and_nothing_is_kept(site: Site, page: Page) -> None:
    asked: list[str] = []
    problems: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))

    sign_up(page, site.url)

    assert {each for each in asked if not each.endswith("/favicon.ico")} == {
        f"{site.url}{path}" for path in ("/", "/sign-up.js", "/challenge", "/subscriptions")
    }
    assert page.context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert [each for each in problems if "favicon" not in each] == []


def test_the_script_is_small() -> None:
    assert len(SCRIPT.read_bytes()) < 3000
