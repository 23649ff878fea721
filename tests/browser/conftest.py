"""Debian's Chromium, driven by playwright; where either is missing the tests are skipped by name."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.browser.watch import Watch
from tests.laptop import Laptop

ARGUMENTS = (
    "--no-sandbox",  # tests in a container run as root
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--site-per-process",  # a frame without an origin has a process of its own, as in a Chromium with windows
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
"""A Chromium that talks to nobody but this machine."""


def chromium_executable() -> str | None:
    """Return where Chromium is; the one without windows does the same with half of the work, where it is installed."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")


@dataclass(frozen=True)
class Visit:
    """One person in front of one browser."""

    page: Page
    watch: Watch
    url: str

    def open(self, path_or_link: str) -> int:
        """Open an address, and return the status of the answer."""
        link = path_or_link if path_or_link.startswith("http") else self.url + path_or_link
        answer = self.page.goto(link)
        assert answer is not None
        return answer.status

    def fill(self, field: str, text: str) -> None:
        """Write into a field, named as the form names it."""
        self.page.locator(f'main [name="{field}"]').fill(text)

    def press(self, action: str = "", button: str = "") -> None:
        """Press the button (of several, the one with this value) of the form with this hidden `action`."""
        which = f'button[value="{button}"]' if button else "button"
        with self.page.expect_navigation():
            self.page.locator(form(action)).locator(which).click()

    def message(self) -> str:
        """Return what the page says."""
        return self.page.locator("main").inner_text()


def form(action: str) -> str:
    """Return the selector of the form with this hidden `action`, or of the one that needs none."""
    return f'main form:has([name="action"][value="{action}"])' if action else 'main form:not(:has([name="action"]))'


Visitor = Callable[..., Visit]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # For each module anew: while playwright runs, its event loop is that of this thread, and others have their own.
    executable = chromium_executable()
    if executable is None:
        pytest.skip("there is no Chromium on this machine (on Debian and Ubuntu: apt install chromium)")
    with ExitStack() as stack:
        try:
            playwright = stack.enter_context(sync_playwright())
            browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        except (Error, OSError) as problem:
            pytest.skip(f"playwright cannot start {executable}: {str(problem).splitlines()[0]}")
        stack.callback(browser.close)
        yield browser


@pytest.fixture(scope="module")
def visits(chromium: Browser, stack: Laptop) -> Iterator[Visitor]:
    """Open one browser after the other; in the end, none of them may have complained."""
    opened: list[Visit] = []

    def visit(*, javascript: bool = True, width: int = 1280, locale: str = "en-GB", dark: bool = False) -> Visit:
        context = chromium.new_context(
            java_script_enabled=javascript,
            viewport={"width": width, "height": 800},
            locale=locale,
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(20_000)
        watch = Watch(stack.url)
        watch.over(context)
        opened.append(Visit(context.new_page(), watch, stack.url))
        return opened[-1]

    yield visit
    for each in opened:
        each.page.context.close()


@pytest.fixture
def visit(visits: Visitor) -> Iterator[Visitor]:
    """As `visits`, with the complaints of one test."""
    made: list[Visit] = []

    def visit(**how: Any) -> Visit:
        made.append(visits(**how))
        return made[-1]

    yield visit
    for each in made:
        each.page.context.close()
    assert [complaint for each in made for complaint in each.watch.complaints] == []
