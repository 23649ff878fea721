"""A list keeper brings a list over in a real browser: file, dry run, run, and an export; without a script as well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.desk_writing import desk_of, owner_of, sign_in
from tests.browser.watch import Sight, look
from tests.laptop import Laptop

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

NOTHING_WRONG = Sight((), ())
LOOKS = 60
"""Times that somebody looks again, half a second apart."""


@pytest.fixture(scope="module")
def state(chromium: Browser, stack: Laptop) -> Any:
    context = chromium.new_context(locale="en-GB")
    sign_in(context.new_page(), stack, owner_of(stack))
    state = context.storage_state()
    context.close()
    return state


def press(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).click()


def until(page: Page, words: str) -> None:
    """Look again until the page says so."""
    for _ in range(LOOKS):
        if page.get_by_text(words).count():
            return
        page.wait_for_timeout(500)
        with (
            page.expect_navigation()
        ):  # else the next look is at the page that is left, and this link is gone from the next
            page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text(words)).to_be_visible()


@pytest.mark.parametrize(("javascript", "width", "dark"), [(True, 1280, False), (False, 375, True)])
def test_a_list_of_thirty_is_brought_over_and_given_out(
    chromium: Browser, stack: Laptop, state: Any, tmp_path: Path, javascript: bool, width: int, dark: bool
) -> None:
    desk = desk_of(
        chromium,
        stack,
        state,
        java_script_enabled=javascript,
        viewport={"width": width, "height": 800},
        color_scheme="dark" if dark else "light",
    )
    rows = [f"imported{width}-{number}@example.org,Reader {number}" for number in range(29)] + ["nobody,Nobody"]
    (tmp_path / "list.csv").write_text("\n".join(["Email,Name", *rows]))
    page, seen = desk.context.new_page(), []

    def see() -> None:
        if javascript:  # axe is a script
            seen.append((page.url, look(page)))

    page.goto(f"{stack.url}/desk/people/import/")
    see()
    page.get_by_label("What you call this list").fill(f"The fair, {width}")
    press(page, "Choose a file")
    see()
    page.get_by_label("The file").set_input_files(tmp_path / "list.csv")
    press(page, "Send the file")
    page.get_by_text("Your file has arrived.").wait_for()
    see()
    press(page, "See what is in it")
    see()
    until(page, "The first rows")
    see()
    expect(page.get_by_label("Email address")).to_have_value("1")
    expect(page.get_by_label("Name", exact=True)).to_have_value("2")
    press(page, "Try it out")
    expect(page.get_by_role("alert")).to_contain_text("does not say when each person confirmed")
    see()
    page.get_by_label("Where their consent comes from").fill("Signed up at the spring fair")
    page.get_by_label("When they gave it").fill("2024-05-06")
    press(page, "Try it out")
    see()
    until(page, "29 people would be added to the list.")
    see()
    press(page, "Import the list")
    until(page, "29 people were added to the list.")
    see()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download these rows").click()
    assert "nobody,Nobody" in download.value.path().read_text()
    assert download.value.suggested_filename == f"The fair- {width}-rejects.csv"

    page.goto(f"{stack.url}/desk/people/export/")
    see()
    press(page, "Export the list")
    until(page, "The file is ready.")
    see()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download it").click()
    assert f"imported{width}-28@example.org" in download.value.path().read_text()
    desk.context.close()
    assert desk.complaints == []
    assert [each for each in seen if each[1] != NOTHING_WRONG] == []
