"""Somebody signs up and confirms, with nothing but a keyboard: with scripts and without, at a desk and on a phone."""

import itertools
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit, Visitor
from tests.laptop import Laptop

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

MOST_STOPS = 20
"""Presses of the Tab key that bring anybody to where they want to go."""

PHONE, DESK = 375, 1280


@pytest.mark.parametrize(
    ("javascript", "width"), [(True, PHONE), (False, PHONE), (False, DESK)], ids=["scripts", "no-scripts", "desk"]
)
def test_signs_up_and_confirms_with_the_keyboard_alone(
    stack: Laptop, visit: Visitor, javascript: bool, width: int
) -> None:
    somebody = visit(javascript=javascript, width=width)
    page, email = somebody.page, f"keyboard-{width}-{javascript}@example.org".lower()

    somebody.open("/subscribe/")
    tab_to(page, '[name="email"]')
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    assert has_focus(page, '[name="name"]')
    page.keyboard.type("Kim Keys")
    page.keyboard.press("Tab")  # the trap for robots stands between the two, and is not on the way
    assert has_focus(page, "form button")
    with page.expect_navigation(url="**/thanks/**"):
        page.keyboard.press("Enter")

    sent = parse_qs(somebody.watch.posted[-1])
    assert (sent["email"], sent["name"]) == ([email], ["Kim Keys"])
    assert ("altcha" in sent) is javascript

    assert somebody.open(stack.link(stack.mail(email, "confirmation"), "confirm")) == 200
    held = stack.held(email)
    assert held is not None
    assert not held.in_audience
    tab_to(page, "main form button")
    with page.expect_navigation():
        page.keyboard.press("Space")

    stack.mail(email, "welcome")
    confirmed = stack.held(email)
    assert confirmed is not None
    assert confirmed.in_audience


def test_a_script_that_gets_no_challenge_sends_the_form_as_it_is(stack: Laptop, visit: Visitor) -> None:
    somebody = visit()
    somebody.page.route("**/challenge", lambda route: route.fulfill(status=200, body="not what you think"))

    somebody.open("/subscribe/")
    somebody.fill("email", "no-challenge@example.org")
    with somebody.page.expect_navigation(url="**/thanks/**"):
        somebody.page.keyboard.press("Enter")

    stack.mail("no-challenge@example.org", "confirmation")


def test_a_wrong_address_comes_back_with_what_was_typed(stack: Laptop, visit: Visitor) -> None:
    somebody = visit(javascript=False)
    somebody.open("/subscribe/")
    somebody.fill("email", "nobody@nowhere")  # a browser lets this pass
    somebody.fill("name", "Kim Keys")

    with somebody.page.expect_navigation():
        somebody.page.keyboard.press("Enter")

    email = somebody.page.locator('[name="email"]')
    assert email.input_value() == "nobody@nowhere"
    assert somebody.page.locator('[name="name"]').input_value() == "Kim Keys"
    assert email.get_attribute("aria-invalid") == "true"
    described = email.get_attribute("aria-describedby")
    assert somebody.page.locator(f"#{described}").inner_text()

    somebody.fill("email", "somebody-after-all@example.org")
    with somebody.page.expect_navigation(url="**/thanks/**"):
        somebody.page.keyboard.press("Enter")
    stack.mail("somebody-after-all@example.org", "confirmation")


def test_the_watch_sees_what_it_is_there_for(visits: Visitor) -> None:
    careless: Visit = visits()
    careless.open("/subscribe/")

    careless.page.evaluate(
        """() => {
          document.head.append(Object.assign(document.createElement("style"), {textContent: "p {color: red}"}));
          document.body.append(Object.assign(new Image(), {src: "http://127.0.0.2/pixel.gif"}));
        }"""
    )
    careless.page.evaluate("fetch('http://127.0.0.3/').catch(() => 0)")

    seen = " ".join(careless.watch.complaints)
    assert "style-src" in seen
    assert "img-src" in seen or "127.0.0.2" in seen
    assert "connect-src" in seen or "127.0.0.3" in seen


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something has the focus."""
    for stop in itertools.count(1):
        page.keyboard.press("Tab")
        if has_focus(page, selector):
            break
        assert stop < MOST_STOPS, f"the Tab key does not lead to {selector}"


def has_focus(page: Page, selector: str) -> bool:
    """Return whether this has the focus; if it has, everybody must be able to see it."""
    found: bool = page.evaluate("(selector) => document.activeElement.matches(selector)", selector)
    if found:
        outline = page.evaluate("() => getComputedStyle(document.activeElement).outline")
        assert "none" not in outline
        assert " 0px" not in outline
    return found
