"""Days, sends, results and health at the desk, as an editor has them: by day and by night, on every screen."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from local.reader import wait_for
from newsletter.control.desk.files import FOLDER, PICTURES
from newsletter.issues.adapters.dynamo_issues import DynamoIssues
from newsletter.issues.domain.issue import IssueStatus
from newsletter.reports.domain.report import issue_report
from newsletter.sending.adapters.dynamo_sends import DynamoSends
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.forecast import Forecast
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Send
from tests.browser.conftest import Visit, Visitor
from tests.browser.watch import NARROW, Sight, look
from tests.factories import an_id, record
from tests.laptop import Laptop
from tests.moto_aws import template
from tests.report_samples import LATER, facts

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

GOING, GONE, BEFORE = "2026-11-24-desk-going", "2026-11-10-desk-gone", "2026-10-27-desk-before"
PAGES = {
    "calendar": "/desk/calendar/",
    "give": "/desk/calendar/give/?slug=2026-12-30-desk-ready",
    "send": f"/desk/sends/{GOING}/",
    "cancel": f"/desk/sends/{GOING}/cancel/",
    "results": "/desk/results/",
    "tagged": "/desk/people/tagged/?tag=press",
    "health": "/desk/health/",
    "help": "/desk/help/",
    "account": "/desk/account/",
    "programs": "/desk/team/keys/",
    "webhooks": "/desk/team/webhooks/",
}
SETTINGS = {
    "settings": "/desk/settings/",
    "brand": "/desk/settings/brand/",
    "fields": "/desk/settings/fields/",
    "feeds": "/desk/settings/feeds/",
    "words": "/desk/settings/words-de/",
    "privacy": "/desk/settings/privacy/?begin=ours",
    "forms": "/desk/settings/forms/?source=https://www.example.org/news&lang=cy",
    "keys": "/desk/settings/keys/",
}
OWNER = template()["Parameters"]["EditorEmail"]["Default"]
LARGEST = 60 * 1024
PICTURED = (1024, 640)
"""Pixels: wide enough for the text and its preview to stand side by side."""
TYPED = "## Eleven locks and one budget\n\nA lock gate lasts **twenty-five years**. Ours are forty.\n"
FILES = Path(__file__).parents[2] / "templates" / FOLDER
WIDTHS: dict[bool, tuple[int, ...]] = {False: (1280, NARROW), True: (1280, 375)}
"""Pixels, by day and by night."""
TOUR = [(name, path, widths, dark) for dark, widths in WIDTHS.items() for name, path in PAGES.items()]
TOUR += [(name, path, (NARROW,), False) for name, path in SETTINGS.items()]
TOUR += [(name, path, (1280,), True) for name, path in SETTINGS.items()]
"""Each page is opened once by day and once by night, and looked at on several screens."""


@pytest.fixture(scope="module")
def busy(stack: Laptop) -> Iterator[Laptop]:
    """Two issues gone out, with their reports; one that is going out; one that waits for its day."""
    issues = DynamoIssues(stack.client("dynamodb"), stack.where["tables"]["issues"])
    sends = DynamoSends(stack.client("dynamodb"), stack.where["tables"]["sends"])
    s3, now = stack.client("s3"), datetime.now(UTC)
    for slug, title, day in ((GONE, "Bridges", date(2026, 11, 10)), (BEFORE, "Ferries", date(2026, 10, 27))):
        sent_at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        issues.put(record(slug=slug, title=title, date=day, status=IssueStatus.SENT, sent_at=sent_at), before=None)
        report = issue_report(facts(120 if slug == GONE else 90), now=LATER) | {"title": title, "send": slug}
        key = f"reports/{slug}.json"
        s3.put_object(Bucket=stack.where["content_bucket"], Key=key, Body=json.dumps(report).encode())
    issues.put(record(slug=GOING, title="Tunnels", date=date(2026, 11, 24), status=IssueStatus.SENDING), before=None)
    ready = record(slug="2026-12-30-desk-ready", title="Locks and weirs", date=date(2026, 12, 30))
    issues.put(replace(ready, approved=ready.content_hash), before=None)
    opened = Send(slug=GOING, content_hash="a" * 64, shards=16, opened_at=now - timedelta(minutes=3))
    forecast = Forecast(recipients=9, duration=timedelta(minutes=5), beyond_quota=0, ses_fee=0, own_fee=0)
    foreseen = opened.foreseen(forecast)
    assert foreseen is not None
    sends.open(foreseen)
    done = Batch.of(GOING, "00", tuple(map(an_id, (1, 2, 3, 4))), now=now)
    outcomes = dict.fromkeys(done.ids[:3], Outcome.SENT) | {done.ids[3]: Outcome.REJECTED}
    sends.add_batch(done.claimed("w", now=now).recorded(outcomes, now=now))
    sends.add_batch(Batch.of(GOING, "07", tuple(map(an_id, (7, 8))), now=now))
    yield stack
    stack.forget_sends()


def sign_in(visit: Visit, stack: Laptop) -> Page:
    """Come in as the first owner does: by the link in an email, in the same browser."""
    known, page = sign_in_links(stack), visit.page
    page.goto(f"{stack.url}/desk/")
    page.get_by_label("Your email address").fill(OWNER)
    page.get_by_role("button", name="Email me a link").click()
    page.get_by_text("Please check your inbox").wait_for()
    page.goto(wait_for("the link to sign in", lambda: sorted(sign_in_links(stack) - known))[0])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Today").wait_for()
    return page


def sign_in_links(stack: Laptop) -> set[str]:
    """Return the links to sign in that were mailed so far."""
    return {link for mail in stack.inbox.messages() for link in stack.links(mail) if "/desk/sign-in?token=" in link}


@pytest.fixture(scope="module")
def owners(busy: Laptop, visits: Visitor) -> dict[bool, Visit]:
    """The owner in two browsers, by day and by night."""
    found = {dark: visits(dark=dark) for dark in (False, True)}
    for visit in found.values():
        sign_in(visit, busy)
    return found


@pytest.mark.parametrize(("name", "path", "widths", "dark"), TOUR)
def test_every_page_fits_its_screen_and_axe_finds_nothing(
    owners: dict[bool, Visit], busy: Laptop, name: str, path: str, widths: tuple[int, ...], dark: bool
) -> None:
    page = owners[dark].page

    answer = page.goto(busy.url + path)

    assert answer is not None
    assert answer.status == 200
    assert len(answer.body()) < LARGEST
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        keep_picture(page, f"{name}-{width}-{'dark' if dark else 'light'}")
        assert look(page) == Sight((), ())


def test_an_issue_is_dragged_to_a_free_day_and_nothing_is_changed_before_it_was_said_what_that_means(
    owners: dict[bool, Visit], busy: Laptop
) -> None:
    page = owners[False].page
    page.goto(busy.url + PAGES["calendar"])
    page.set_viewport_size({"width": 1280, "height": 1600})
    # Other tests of this stack send issues on the next days, before those days have come: a day far ahead is free.
    free = page.locator("[data-day]").filter(has_text="No issue yet").last

    page.locator("[data-slug]").first.drag_to(free)

    page.wait_for_url("**/desk/calendar/give/?slug=*")
    expect(page.locator("main")).to_contain_text("“Locks and weirs” goes out on this day instead of")
    expect(page.locator("main")).to_contain_text("Its approval ends.")
    keep_picture(page, "calendar-give")
    assert look(page) == Sight((), ())


ISSUE = "2026-12-22-desk-comments"
TEXT = "---\ntitle: Tolls\ndate: 2026-12-22\n---\n\nHello,\n\nThe bridge takes **tolls** from May on.\n"


def test_somebody_without_an_account_comments_on_a_phone_without_javascript_and_is_answered(
    owners: dict[bool, Visit], busy: Laptop, visits: Visitor
) -> None:
    busy.upload(ISSUE, TEXT)
    page, boss = owners[False].page, visits(javascript=False, width=NARROW, dark=True).page
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{busy.url}/desk/issues/{ISSUE}/")
    page.get_by_label("Whom the link is for").fill("Dame Jo Bell")
    page.get_by_role("button", name="Make a link for comments").click()
    link = page.get_by_label("Link for comments by Dame Jo Bell").input_value()

    page.goto(link)  # axe needs the script that the other browser does not run
    assert look(page) == Sight((), ())
    boss.goto(link)
    paragraph = boss.locator(".paragraph").filter(has_text="The bridge takes tolls from May on.")
    paragraph.locator("summary").click()
    paragraph.get_by_label("Comment", exact=True).fill("From which May?")
    expect(paragraph.get_by_label("Your name")).to_have_value("Dame Jo Bell")
    paragraph.get_by_role("button").click()
    expect(boss.get_by_role("status")).to_contain_text("Your comment has been sent.")
    keep_picture(boss, "comment")

    page.goto(f"{busy.url}/desk/issues/{ISSUE}/write/")
    page.get_by_role("button", name="Line 8").click()
    expect(page.locator("#desk-text")).to_be_focused()
    page.get_by_role("link", name="Answer, or tick off").click()
    page.locator("#comments .lines summary").click()
    page.get_by_label("Answer (whoever").fill("From 2027.")
    page.get_by_role("button", name="Send the answer").click()
    keep_picture(page, "issue-comments")
    assert look(page) == Sight((), ())
    boss.goto(link)
    expect(paragraph).to_contain_text("From 2027.")
    page.get_by_role("button", name="End this link").click()
    boss.goto(link)
    expect(boss.get_by_role("heading")).to_have_text("This link has ended")
    busy.drop_what_waits("publish")


def test_a_day_is_skipped_and_taken_back_with_the_keyboard_alone(owners: dict[bool, Visit], busy: Laptop) -> None:
    page = owners[False].page
    page.goto(busy.url + PAGES["calendar"])

    page.locator("#desk-skip").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Spring cleaning")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("Skipped. Nothing goes out on")
    expect(page.locator("main")).to_contain_text("Spring cleaning")
    keep_picture(page, "calendar-skipped")
    assert look(page) == Sight((), ())
    page.get_by_role("button", name=re.compile("^Do not skip")).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Taken back.")


def test_a_send_is_paused_and_stopped_with_the_keyboard_alone(owners: dict[bool, Visit], busy: Laptop) -> None:
    page = owners[False].page
    page.goto(busy.url + PAGES["send"])

    page.get_by_label("Why").focus()
    page.keyboard.type("A wrong number in the table")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("A wrong number in the table")
    keep_picture(page, "send-paused")
    assert look(page) == Sight((), ())

    page.get_by_role("link", name="Stop it for good").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("have it, and keep it")
    page.get_by_label("Why").focus()
    page.keyboard.type("The wrong issue")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("The wrong issue")
    keep_picture(page, "send-stopped")
    assert look(page) == Sight((), ())


def test_the_results_are_downloaded_with_the_keyboard_alone(owners: dict[bool, Visit], busy: Laptop) -> None:
    page = owners[False].page
    page.goto(busy.url + PAGES["results"])
    page.get_by_role("link", name="Download all as CSV").focus()

    with page.expect_download() as download:
        page.keyboard.press("Enter")

    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert text.startswith("issue,title,sent_at,audience")
    assert "Bridges" in text


def test_the_results_are_printed_without_what_is_only_for_the_screen(owners: dict[bool, Visit], busy: Laptop) -> None:
    page = owners[False].page
    page.goto(busy.url + PAGES["results"])
    page.emulate_media(media="print")

    assert not page.get_by_role("navigation", name="Desk").is_visible()
    assert not page.get_by_role("link", name="Download all as CSV").is_visible()
    keep_picture(page, "results-print")
    page.emulate_media(media="screen")


def test_settings_are_seen_while_typing_and_two_owners_lose_nothing(owners: dict[bool, Visit], busy: Laptop) -> None:
    mine, theirs = owners[False].page, owners[True].page
    for page in (mine, theirs):
        page.goto(f"{busy.url}/desk/settings/words-en/")
        page.get_by_label("Confirmation heading").focus()
    mine.keyboard.type("Is it you?")
    shown = mine.frame_locator("#desk-preview iframe:not(.renewing)")
    expect(shown.get_by_role("heading", name="Is it you?")).to_be_visible()
    theirs.keyboard.type("Really you?")
    theirs.get_by_role("button", name="Save", exact=True).focus()
    with theirs.expect_navigation():
        theirs.keyboard.press("Enter")
    expect(theirs.get_by_role("status")).to_contain_text("Saved. It is in use within a minute.")

    mine.get_by_role("button", name="Save", exact=True).focus()
    with mine.expect_navigation():
        mine.keyboard.press("Enter")

    expect(mine.get_by_role("alert")).to_contain_text("saved this page while you had it open.")
    expect(mine.get_by_label("Confirmation heading")).to_have_value("Is it you?")
    expect(mine.locator("main")).to_contain_text("made it “Really you?”. What you typed stands here.")
    keep_picture(mine, "settings-overtaken")
    assert look(mine) == Sight((), ())
    with mine.expect_navigation():
        mine.get_by_role("button", name="Save", exact=True).press("Enter")
    mine.get_by_role("link", name="Earlier versions").press("Enter")
    mine.get_by_role("link", name="What has changed since then").first.press("Enter")
    expect(mine.locator("ins")).to_have_text("Is it")
    keep_picture(mine, "settings-history")
    assert look(mine) == Sight((), ())


def test_a_colour_that_is_hard_to_see_is_said_while_choosing_and_not_saved(
    owners: dict[bool, Visit], busy: Laptop
) -> None:
    page = owners[False].page
    page.goto(f"{busy.url}/desk/settings/brand/")

    page.get_by_label("Links", exact=True).first.fill("#ccddee")

    expect(page.locator('[data-seen="light.link"]')).to_contain_text("AA no, 4.5 is the least")
    shown = page.frame_locator("#desk-preview iframe:not(.renewing)")
    expect(shown.locator("body")).to_contain_text("“Links (by day)” #ccddee is hard to see")
    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved.")
    keep_picture(page, "brand-refused")
    assert look(page) == Sight((), ())
    page.goto(f"{busy.url}/desk/settings/brand/")  # what was not saved asks whether it may go
    expect(page.get_by_label("Links", exact=True).first).not_to_have_value("#ccddee")


def test_the_pictures_of_the_help_are_of_these_pages(owners: dict[bool, Visit], busy: Laptop) -> None:
    page = owners[False].page
    page.set_viewport_size({"width": PICTURED[0], "height": PICTURED[1]})
    page.goto(f"{busy.url}/desk/issues/new/")
    page.get_by_label("Title").fill("What a town owes its canal")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/write/")
    shown = (page.url, busy.url + PAGES["calendar"], busy.url + PAGES["send"])
    for name, path in zip(PICTURES, shown, strict=True):
        page.goto(path)
        page.locator("h1").first.evaluate("heading => window.scrollTo(0, heading.offsetTop - 8)")
        if name == PICTURES[0]:
            page.locator("#desk-subject").fill("Who pays for the locks?")
            page.locator("textarea").first.fill(TYPED)
            expect(page.frame_locator("#desk-preview iframe:visible").get_by_text("Eleven locks")).to_be_visible()
        drawn = few_colours(page.screenshot())
        if os.environ.get("PICTURES") == "write":
            (FILES / name).write_bytes(drawn)
        kept = Image.open(FILES / name)
        assert kept.size == Image.open(BytesIO(drawn)).size == PICTURED
    page.goto(busy.url + PAGES["help"])
    for picture in page.locator("figure img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("naturalWidth", PICTURED[0])
    assert sum((FILES / name).stat().st_size for name in PICTURES) < LARGEST - 5 * 1024  # with the page itself


def few_colours(png: bytes) -> bytes:
    """Return a picture of a page in so few colours that it takes a tenth of the bytes."""
    small = BytesIO()
    Image.open(BytesIO(png)).convert("RGB").quantize(8).save(small, "PNG", optimize=True)
    return small.getvalue()


def keep_picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page for somebody to look at, where DESK_PICTURES names a folder."""
    if folder := os.environ.get("DESK_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
