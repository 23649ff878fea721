"""The page of `newsletter preview`, as an editor has it beside the text: wide and narrow, by day and by night."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.watch import AXE
from tests.cli.preview import served
from tests.cli.test_writing import GOOD, SLUG, picture

pytestmark = pytest.mark.browser

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 3
TEXT = GOOD.replace("In a hundred years", LONG) + "\n![A picture of red.](chart.png)\n\n" + "A paragraph.\n\n" * 200


@pytest.fixture
def issue(tmp_path: Path) -> Path:
    picture(tmp_path / SLUG)
    file = tmp_path / f"{SLUG}.md"
    file.write_text(TEXT + "\nTODO [click here](http://10.0.0.1/)\n")
    return file


@pytest.fixture
def url(issue: Path) -> Iterator[str]:
    with served(issue) as url:
        yield url


def opened(chromium: Browser, url: str, *, width: int = 1280, dark: bool = False) -> Page:
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light")
    page.set_default_timeout(20_000)
    page.goto(url)
    page.frame_locator("iframe").locator("body").wait_for()
    return page


@pytest.mark.parametrize("width", [320, 375, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_fits_its_screen_and_axe_finds_nothing(chromium: Browser, url: str, width: int, dark: bool) -> None:
    page = opened(chromium, f"{url}/{'?dark=1' if dark else ''}", width=width, dark=dark)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(f"{AXE};0")
    found = page.evaluate("axe.run({exclude: ['iframe']})")
    assert [(each["id"], each["help"]) for each in found["violations"]] == []
    page.close()


def test_the_mail_on_a_phone_is_as_wide_as_a_phone(chromium: Browser, url: str) -> None:
    page = opened(chromium, url)
    page.get_by_role("link", name="Email on a phone").click()
    frame = page.locator("iframe")

    assert frame.evaluate("frame => frame.getBoundingClientRect().width") == 375
    assert page.frame_locator("iframe").locator("img").first.evaluate("image => image.naturalWidth") == 20
    page.close()


def test_an_open_page_follows_the_file_and_stays_where_the_editor_was(chromium: Browser, url: str, issue: Path) -> None:
    page = opened(chromium, url)
    page.locator("iframe").evaluate("frame => frame.contentWindow.scrollTo(0, 1500)")

    issue.write_text(TEXT.replace("whole issue", "mended issue"))

    expect(page.frame_locator("iframe").locator("body")).to_contain_text("this is the mended issue")
    expect(page.locator("#found")).to_contain_text("0 errors")
    page.wait_for_function("document.querySelector('iframe').contentWindow.scrollY === 1500")
    page.close()
