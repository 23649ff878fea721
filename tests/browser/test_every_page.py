"""Every page we show anybody, as axe-core sees it by day and by night, and whether the narrowest screen holds it."""

import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from local.process import ROOT
from local.reader import wait_for
from newsletter.feedback.domain.hold_link import HoldLink
from newsletter.issues.adapters.s3_content import report_key
from newsletter.readers.domain.limits import Lane
from newsletter.reports.domain.report_name import GROWTH
from tests import report_samples as reports
from tests.browser.conftest import Visit, Visitor, form
from tests.browser.watch import NARROW, Sight, look
from tests.laptop import Laptop

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

FUNCTION_PAGES = sorted(
    path.stem
    for path in (ROOT / "templates" / "page").glob("*.html")
    if '{% extends "page/layout.html" %}' in path.read_text()
    and path.stem
    not in ("fields_preview", "feeds_tried")  # in frames of the desk, whose pages are looked at by themselves
)
ARCHIVE_PAGES = ["index", "issue", "year", "search", "subscribe", "thanks", "verify", "404"]
ISSUE = """---
title: Bridges and ferries
date: 2026-01-06
summary: For a test.
topics: [bridges, ferries]
send: never
---

A paragraph with a [link](https://example.org/), `code` and a footnote.[^1]

## A table

| Bridge | Length |
|--------|-------:|
| Old    |   12 m |

> Quoted.

[^1]: The footnote.
"""

Sights = dict[str, list[Sight]]


@pytest.fixture(scope="module")
def site(stack: Laptop) -> Laptop:
    stack.upload("browser-bridges", ISSUE)
    stack.wait_until_quiet()  # the page of the search learns of a year after the list of its words is there
    return stack


@pytest.fixture(scope="module", params=["en-GB", "de-DE"], ids=["english-by-day", "german-by-night-on-a-phone"])
def sights(request: pytest.FixtureRequest, site: Laptop, visits: Visitor) -> Sights:
    night = request.param == "de-DE"
    visit: Visit = visits(locale=request.param, dark=night, width=NARROW if night else 1280)
    seen = the_tour(site, visit, f"tour-{request.param}@example.org".lower())
    assert visit.watch.complaints == []
    return seen


def the_tour(stack: Laptop, visit: Visit, email: str) -> Sights:
    """Go wherever a person can get to, and look around."""
    page, seen = visit.page, defaultdict[str, list[Sight]](list)

    def here(name: str) -> None:
        seen[name].append(look(page))

    index = f"{stack.url}/search/2026.json"
    wait_for("the search to know the issue", lambda: "browser-bridges" in httpx.get(index).text)
    visit.open("/search?q=Brídges")  # without its slash, and with a mark that the text does not have
    page.locator("#page-results a").wait_for()
    here("search")
    for name, path in [
        ("index", "/"),
        ("issue", "/issues/browser-bridges/"),
        ("year", "/archive/2026/"),
        ("verify", "/verify/"),
        ("404", "/nothing/here/"),
        ("bad_link", "/confirm?token=broken"),
        ("leave_by_address", "/unsubscribe"),
        ("subscribe", "/subscribe/"),
    ]:
        visit.open(path)
        here(name)

    def sign_up(address: str) -> None:
        visit.fill("email", address)
        with page.expect_navigation(url=lambda url: not url.endswith("/subscribe/")):
            page.keyboard.press("Enter")

    sign_up("nobody@nowhere")
    here("sign_up_problem")
    sign_up("somebody@gmial.com")
    here("sign_up_suggestion")
    visit.press(button="somebody@gmail.com")
    here("thanks")
    visit.open("/subscribe/")
    sign_up(email)
    here("thanks")
    visit.open(stack.link(stack.mail(email, "confirmation"), "confirm"))
    here("confirm")
    visit.press()
    here("confirmed")

    welcome = stack.mail(email, "welcome")
    visit.open(stack.link(welcome, "unsubscribe"))
    here("unsubscribe")
    visit.press("pause")
    here("paused")
    visit.press("resume")
    here("undone")
    visit.open(stack.link(welcome, "unsubscribe"))
    visit.press()
    here("unsubscribed")
    visit.press("reason", "other")
    here("thanked_for_reason")
    visit.press("undo")
    here("undone")

    visit.open(stack.link(welcome, "preferences"))
    here("subscription")
    visit.press("pause")
    here("subscription")
    visit.press("resume")
    visit.press("send_link")
    here("link_sent")
    visit.open(f"{stack.url}/preferences")
    here("account_by_address")
    account_url = stack.link(stack.mail(email, "account_link"), "preferences")
    visit.open(account_url)
    here("preferences")
    page.locator('[name="topic"]').first.uncheck()
    visit.press("save")
    here("preferences")
    visit.press("pause")
    here("preferences")
    visit.fill("new_email", "nobody@nowhere")
    visit.press("change_email")
    here("preferences")
    visit.fill("new_email", f"new-{email}")
    visit.press("change_email")
    here("address_change_sent")
    visit.open(account_url)
    page.locator(form("save")).locator('[name="action"]').evaluate("(field) => field.value = 'dance'")
    visit.press("dance")
    here("problem")
    visit.open(account_url)
    visit.press("end_links")
    here("links_ended")
    visit.open(account_url)
    here("bad_link")
    visit.open(stack.account_link(email))
    page.locator('[name="sure"]').check()
    visit.press("erase")
    here("erased")

    def previews() -> list[dict[str, Any]]:
        return stack.inbox.messages(**{"tag.kind": "editors", "subject": "[Preview] Bridges and ferries"})

    preview = wait_for("the preview", previews)[0]
    hold = stack.decide_link(preview, "hold")
    visit.open(next(link for link in stack.links(preview) if link.endswith("?view=phone")))
    here("preview_phone")
    visit.open("/preview/nothing/")
    here("preview_ended")
    visit.open(hold)
    here("decide")
    with page.expect_navigation():
        page.get_by_role("button", name="Send a test").click()
    here("test_asked")
    visit.open(hold)
    with page.expect_navigation():
        page.get_by_role("button", name="Put this issue on hold").click()
    here("decided")
    with page.expect_navigation():  # a hold takes it down, and the next tour wants to find it
        page.get_by_role("button", name="Release this issue").click()
    here("decided")

    visit.open(stack.comment_page("browser-bridges", now=datetime.now(UTC)))
    here("comment")
    page.locator("details summary").first.click()
    page.locator("details[open] [name=author]").first.fill("Dora")
    page.locator("details[open] [name=words]").first.fill("Is this the new bridge?")
    here("comment")
    visit.open("/comment/nothing/")
    here("comment_ended")

    visit.open(stack.vote_page("browser-bridges", email, now=datetime.now(UTC)))
    here("vote")
    for _ in range(2):
        visit.press(button="no")
        here("voted")
        page.go_back()

    bucket, links, now = stack.where["content_bucket"], stack.report_links(), datetime.now(UTC)
    for name, link, report in [
        ("report", links.to_report("browser-bridges", now=now), reports.report()),
        ("report", links.to_report("nobody", now=now), reports.report(0)),
        ("report", links.to_report("measured", now=now), reports.report(engagement=reports.engagement())),
        ("growth", links.to_growth(now=now), reports.growth()),
        ("report_missing", links.to_report("never-sent", now=now), None),
    ]:
        if report:
            key = report_key(GROWTH if name == "growth" else report_of(link))
            stack.client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(report).encode())
        visit.open(link)
        here(name)
        if page.locator("details").count():
            page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
            here(name)

    visit.open(stack.hold_links().to_release(HoldLink(Lane.SLOW, now), now=now))
    here("release")

    visit.open("/unsubscribe")
    visit.fill("email", "nobody@nowhere")
    visit.press()
    here("leave_by_address")
    visit.fill("email", email)
    visit.press()
    here("leave_by_address_sent")
    return seen


def report_of(link: str) -> str:
    """Return the name of the report that a link opens."""
    return parse_qs(urlsplit(link).query)["issue"][0]


@pytest.mark.parametrize("name", [*ARCHIVE_PAGES, *FUNCTION_PAGES])
def test_nobody_is_kept_out(sights: Sights, name: str) -> None:
    assert sights[name], "the tour does not lead to this page"

    assert [violation for sight in sights[name] for violation in sight.violations] == []


@pytest.mark.parametrize("name", [*ARCHIVE_PAGES, *FUNCTION_PAGES])
def test_nothing_sticks_out_of_the_narrowest_screen(sights: Sights, name: str) -> None:
    assert [element for sight in sights[name] for element in sight.too_wide] == []
