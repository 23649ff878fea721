"""What a browser may never report while somebody reads our pages, and what axe-core says about them."""

from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

NARROW = 320
"""CSS pixels: 1280 at a zoom of 400 %, which WCAG 1.4.10 asks for."""

POLICY = "securitypolicyviolation"
REPORT_POLICY = f"""addEventListener("{POLICY}", (event) =>
  console.error(`{POLICY}: ${{event.effectiveDirective}} ${{event.blockedURI}}`))"""


@dataclass
class Watch:
    """Collects everything that is wrong with what happens in one browser context."""

    origin: str
    complaints: list[str] = field(default_factory=list)
    posted: list[str] = field(default_factory=list)
    """The bodies of the forms that were sent."""
    _documents: set[str] = field(default_factory=set)

    def over(self, context: BrowserContext) -> None:
        context.add_init_script(REPORT_POLICY)
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        context.on("requestfailed", self._failed)

    def _request(self, request: Request) -> None:
        if request.is_navigation_request():
            self._documents.add(request.url)
            if request.method == "POST":
                self.posted.append(request.post_data or "")
        url = urlsplit(request.url)
        if f"{url.scheme}://{url.netloc}" != self.origin:
            self.complaints.append(f"a request to another origin: {_bare(request.url)}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # somebody was faster than the icon of the page they left
            self.complaints.append(f"{request.failure}: {_bare(request.url)}")

    def _console(self, message: ConsoleMessage) -> None:
        # A page that answers 400 is as it should be; that the browser notes it is no error of ours.
        if message.text.startswith("Failed to load resource") and message.location["url"] in self._documents:
            return
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text} ({_bare(message.location['url'])})")


@dataclass(frozen=True)
class Sight:
    """What was seen on one page."""

    violations: tuple[str, ...]
    too_wide: tuple[str, ...]
    """Elements that stick out of the narrowest screen."""


def look(page: Page) -> Sight:
    """Look at a page as it stands, then see whether the narrowest screen holds it."""
    page.evaluate(f"{AXE};0")
    violations = _violations(page)
    size = page.viewport_size
    page.set_viewport_size({"width": NARROW, "height": 640})
    too_wide = page.evaluate(
        """(width) => document.documentElement.scrollWidth <= width ? [] :
          [...document.body.querySelectorAll("*")].filter((each) => each.getBoundingClientRect().right > width)
            .map((each) => each.outerHTML.slice(0, 80))""",
        NARROW,
    )
    if size:
        page.set_viewport_size(size)
    return Sight(tuple(violations), tuple(too_wide))


def _violations(page: Page) -> list[str]:
    # What is in order stays in the page: it is a hundred times as much.
    violations: list[dict[str, Any]] = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then((found) => found.violations)"
    )
    return [
        f"{violation['id']}: {node['failureSummary']} {node['html'][:120]}"
        for violation in violations
        for node in violation["nodes"]
    ]


def _bare(url: str) -> str:
    """Return an address without its token."""
    return url.partition("?")[0]
