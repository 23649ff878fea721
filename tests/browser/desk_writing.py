"""Somebody of the team who writes at the desk in a real browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page

from local.reader import wait_for
from tests.browser.watch import REPORT_POLICY
from tests.laptop import Laptop

DAY = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()


def sign_in(page: Page, stack: Laptop, editor: str) -> None:
    """Come in by the link in an email, in the browser that asked."""
    before = links_to_sign_in(stack, editor)
    page.goto(f"{stack.url}/desk/sign-in")
    page.get_by_label("Your email address").fill(editor)
    page.get_by_role("button", name="Email me a link").click()
    page.get_by_text("Please check your inbox").wait_for()
    mailed = wait_for("the email with the link", lambda: links_to_sign_in(stack, editor) - before, seconds=60)
    page.goto(mailed.pop())
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Today").wait_for()


def links_to_sign_in(stack: Laptop, editor: str) -> set[str]:
    """Return every link to sign in that this person was mailed."""
    mails = [each for each in stack.inbox.messages(to=editor) if each["to"] == editor]
    return {link for mail in mails for link in stack.links(mail) if "/desk/sign-in?token=" in link}


def owner_of(stack: Laptop) -> str:
    """Return the address of the first owner: whoever the stack was deployed for."""
    functions = stack.client("lambda")
    settings = functions.get_function_configuration(FunctionName=stack.where["functions"]["desk"])["Environment"]
    return str(settings["Variables"]["EDITOR_EMAIL"])


@dataclass
class Desk:
    """One browser in which somebody is signed in."""

    context: BrowserContext
    url: str
    complaints: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    """Paths of the pages that were loaded, forms that were posted without an answer of their own left out."""

    def __post_init__(self) -> None:
        self.context.set_default_timeout(30_000)
        self.context.add_init_script(REPORT_POLICY)
        self.context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        self.context.on(
            "console", lambda each: self.complaints.append(each.text) if "securitypolicy" in each.text else None
        )
        self.context.on("response", self._loaded)

    def write(self, slug: str) -> Page:
        """Open the page that an issue is written on."""
        page = self.context.new_page()
        page.on("dialog", lambda dialog: dialog.accept("A picture of a test"))
        page.goto(f"{self.url}/desk/issues/{slug}/write/")
        return page

    def begin(self, title: str) -> tuple[Page, str]:
        """Begin an issue; return the page that it is written on, and its name."""
        page = self.context.new_page()
        page.on("dialog", lambda dialog: dialog.accept("A picture of a test"))
        page.goto(f"{self.url}/desk/issues/new/")
        page.get_by_label("Title").fill(title)
        page.get_by_role("button", name="Begin").click()
        page.wait_for_url("**/write/")
        return page, urlsplit(page.url).path.split("/")[3]

    def _loaded(self, response: Any) -> None:
        request = response.request
        if request.is_navigation_request() and not request.frame.parent_frame and response.status < 300:
            self.loads.append(urlsplit(response.url).path)


def desk_of(chromium: Browser, stack: Laptop, state: Any, **how: Any) -> Desk:
    """Return a browser in which somebody signed in before."""
    return Desk(chromium.new_context(storage_state=state, locale="en-GB", **how), stack.url)
