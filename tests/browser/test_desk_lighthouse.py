"""Lighthouse on the two pages that editors spend their time on: quick on a phone, open to everybody, and small."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.browser.desk_writing import Desk, desk_of, owner_of, sign_in
from tests.browser.lighthouse import BESIDE_OTHERS, ENOUGH, SLOWEST, judge
from tests.laptop import Laptop

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

LARGEST = {"today": 60_000, "write": 250_000}
"""Bytes over the wire."""


@pytest.fixture(scope="module")
def desk(chromium: Browser, stack: Laptop) -> Desk:
    page = chromium.new_context(locale="en-GB").new_page()
    sign_in(page, stack, owner_of(stack))
    return desk_of(chromium, stack, page.context.storage_state())


@pytest.fixture(scope="module")
def pages(desk: Desk) -> dict[str, str]:
    """Return the addresses of Today and of Write, with an issue on it."""
    written, _ = desk.begin("Judged by Lighthouse")
    return {"today": f"{desk.url}/desk/", "write": f"{desk.url}{urlsplit(written.url).path}"}


@pytest.mark.parametrize("name", ["today", "write"])
def test_lighthouse_gives_a_page_95_in_everything(desk: Desk, pages: dict[str, str], name: str, tmp_path: Path) -> None:
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in desk.context.cookies())

    told = judge(pages[name], cookies, tmp_path)

    print(name, told.scores, f"{told.loaded:,} bytes; the machine:", told.machine)
    slow = {category: score for category, score in told.scores.items() if score < ENOUGH}
    assert not slow.keys() - {"performance"}, told.faults
    assert told.loaded <= LARGEST[name]
    if slow and (BESIDE_OTHERS or told.machine < SLOWEST):
        pytest.skip(f"this machine is too busy to judge the speed of a page ({told.machine:.0f} of {SLOWEST})")
    assert not slow, told.faults
