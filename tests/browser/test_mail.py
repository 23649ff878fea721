"""The mail as a browser lays it out: on a phone, in a column and on a desk, by day and by night, in both directions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from newsletter.issues.domain.issue import RenderedIssue
from tests.browser.watch import AXE
from tests.issues.rendering_samples import TEMPLATES, received, rendered, sample
from tests.issues.test_measured_mail import measured

pytestmark = pytest.mark.browser

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen"
STRESS = f"""\
Hello {{{{ name | there }}}}, {LONG * 2} and https://example.org/{"a-very-long-address/" * 8}

## {LONG}

| Council | Budget | 2020 | 2021 | 2022 | 2023 | 2024 | 2025 | 2026 | Comment |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
| {LONG} | 1,200,000 | 12.5 | 13.1 | 14.0 | 15.2 | 16.8 | 17.0 | 18.1 | stable |

```python
def settle(send, really_long_parameter_name_one=None, really_long_parameter_name_two={{"a": "{"x" * 90}"}}): ...
```

> - {LONG}
>   1. {LONG}

![A wide chart](wide.png "A caption with {LONG}")

- ![A small one](small.png) in a list
"""
ISSUES: dict[str, Callable[[], RenderedIssue]] = {
    "sample": sample,
    "measured": measured,
    "stress": lambda: rendered(STRESS, title=f"{LONG} and more", author=LONG),
    "right-to-left": lambda: rendered("- بند أول\n- بند ثان\n\n> اقتباس قصير", title="نشرة كل أسبوعين", lang="ar"),
}


def opened(chromium: Browser, issue: RenderedIssue, *, width: int, scheme: str) -> Page:
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page.route("**/*", lambda route: route.abort())  # as where pictures are off
    page.set_content(received(issue, name="Amina")[1])
    return page


def colour(page: Page, selector: str, which: str) -> str:
    red, green, blue = page.eval_on_selector(
        selector, "(element, which) => getComputedStyle(element)[which].match(/\\d+/g).slice(0, 3).map(Number)", which
    )
    return f"#{red:02x}{green:02x}{blue:02x}"


@pytest.mark.parametrize("name", ISSUES)
@pytest.mark.parametrize("width", [320, 375, 600, 1280])
def test_no_mail_is_wider_than_its_screen_and_everything_stays_on_its_card(
    chromium: Browser, name: str, width: int
) -> None:
    page = opened(chromium, ISSUES[name](), width=width, scheme="light")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    card = page.locator("td.card").bounding_box()
    assert card is not None
    assert card["width"] <= 600
    for line in page.locator("td.card h1, td.card h2, td.card p, td.card li, td.card pre, td.card img").all():
        box = line.bounding_box()
        assert box is None or (box["x"] >= card["x"] and box["x"] + box["width"] <= card["x"] + card["width"] + 0.5)
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ISSUES)
def test_day_and_night_are_painted_as_the_brand_says_and_axe_finds_nothing(
    chromium: Browser, name: str, scheme: str
) -> None:
    page = opened(chromium, ISSUES[name](), width=600, scheme=scheme)
    brand = TEMPLATES.brand[scheme]

    assert colour(page, "body", "backgroundColor") == brand["paper"]
    assert colour(page, "td.card", "backgroundColor") == brand["card"]
    assert colour(page, "td.card", "borderTopColor") == brand["accent"]
    assert colour(page, "h1", "color") == brand["text"]
    assert colour(page, "td.card > div", "color") == brand["text"]
    page.evaluate(f"{AXE};0")
    # The landmarks of a page, which axe thinks best practice, are those of the mail program around it.
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    assert [violation["help"] for violation in found["violations"]] == []
    page.close()


def test_outlook_on_the_web_repaints_and_is_painted_over(chromium: Browser) -> None:
    page = opened(chromium, sample(), width=600, scheme="light")
    page.evaluate("for (const mark of ['data-ogsc', 'data-ogsb']) document.documentElement.setAttribute(mark, '')")
    dark = TEMPLATES.brand["dark"]

    assert colour(page, "td.card", "backgroundColor") == dark["card"]
    assert colour(page, "td.card > div", "color") == dark["text"]
    assert colour(page, "td.card a", "color") == dark["link"]
    assert colour(page, "figcaption", "color") == dark["muted"]
    page.close()


def test_right_to_left_puts_bullets_and_bars_at_the_right(chromium: Browser) -> None:
    page = opened(chromium, ISSUES["right-to-left"](), width=600, scheme="light")

    for selector, which in (("td.card ul", "paddingRight"), ("td.card blockquote", "borderRightWidth")):
        assert page.eval_on_selector(selector, f"element => parseFloat(getComputedStyle(element).{which})") > 0
    page.close()
