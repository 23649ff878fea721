"""An issue as its editors live through it: preview, approval, send, correction, withdrawal; permissions enforced."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import httpx
import pytest

from local.reader import wait_for
from local.stack import running
from newsletter.core.slot import in_words
from newsletter.core.time_zones import WallTime
from newsletter.issues.adapters.dynamo_issues import DynamoIssues
from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.adapters.send_queues import OPEN_SENDS
from newsletter.sending.domain.books import Books
from tests.laptop import Laptop

pytestmark = pytest.mark.e2e

SLUG = "approved-ferries"
SLOT = "2026-11-03T09:00:00Z"
ISSUE = """---
title: Ferries by night
date: 2026-11-03
---

Hello {{ name | there }},

The ferry leaves at nine, and nobody is too late for it who reads this line to its end and then runs.

All departures are in [the timetable](timetable.pdf).
"""
TIMETABLE = b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A stack on which nothing goes out that nobody approved."""
    home = tmp_path_factory.mktemp("editors")
    with running(home, {"RequireApproval": "true"}) as (_, where):
        yield Laptop(home, where)


def fire(desk: Laptop) -> dict[str, Any]:
    payload = json.dumps({"scheduled_time": SLOT}).encode()
    answer = desk.client("lambda").invoke(FunctionName=desk.where["functions"]["schedule"], Payload=payload)
    verdict: dict[str, Any] = json.loads(answer["Payload"].read())
    return verdict


def to_the_editors(desk: Laptop, words: str, *, other_than: str = "") -> dict[str, Any]:
    """Wait for a mail to the editors with these words in its subject or text, and return the newest."""

    def found() -> list[dict[str, Any]]:
        mails = desk.inbox.messages(**{"tag.kind": "editors"})
        return [each for each in mails if words in each["subject"] + each["text"] and each["id"] != other_than]

    return wait_for(f"a mail to the editors about “{words}”", found)[0]


def public_places(desk: Laptop) -> set[str]:
    """Return where anybody can read of the issue: its page, its file, and what lists it."""
    page = f"/issues/{SLUG}/"
    own = {each for each in (page, f"{page}timetable.pdf") if httpx.get(desk.url + each).status_code == 200}
    lists = ("/", "/feed.atom", "/feed.rss", "/feed.json", "/sitemap.xml")
    return own | {each for each in lists if page in httpx.get(desk.url + each).text}


EVERYWHERE = {
    f"/issues/{SLUG}/", f"/issues/{SLUG}/timetable.pdf",
    "/", "/feed.atom", "/feed.rss", "/feed.json", "/sitemap.xml",
}  # fmt: skip


def press(desk: Laptop, mail: dict[str, Any], verb: str) -> None:
    assert httpx.post(desk.decide_link(mail, verb), timeout=30).status_code == 200


def test_an_issue_and_its_file_are_public_once_it_is_approved_and_sent(desk: Laptop) -> None:
    ada = desk.confirmed("ada-at-the-desk@example.org", "Ada")
    issues = DynamoIssues(desk.client("dynamodb"), desk.where["tables"]["issues"])
    desk.tell("settle", json.dumps({"settle": OPEN_SENDS}))  # what a clock asks for: it counts the audience
    desk.wait_until_quiet()
    key = f"issues/{SLUG}/timetable.pdf"
    desk.client("s3").put_object(Bucket=desk.where["content_bucket"], Key=key, Body=TIMETABLE)
    desk.upload(SLUG, ISSUE)
    preview = to_the_editors(desk, "[Preview] Ferries by night")
    assert "It is waiting for approval." in preview["text"]
    assert "1 subscriber" in preview["text"]
    assert len(desk.inbox.messages(subject="[Preview]")) == 1  # for the text and the file, which came apart

    assert public_places(desk) == set()
    shown = httpx.get(desk.preview_page(SLUG), timeout=30)
    assert (shown.status_code, shown.headers["x-robots-tag"]) == (200, "noindex")
    (way,) = re.findall(r'href="([^"]*timetable\.pdf)"', shown.text)
    assert way == f"{desk.preview_page(SLUG)}timetable.pdf"
    signed = httpx.get(way, timeout=30).headers["location"]
    assert httpx.get(signed).content == TIMETABLE
    assert parse_qs(urlsplit(signed).query)["response-content-type"] == ["application/pdf"]  # S3 obeys

    assert fire(desk)["verdict"] == "nothing_ready"
    to_the_editors(desk, "“Ferries by night” is not approved")

    approve = desk.decide_link(preview, "approve")
    assert httpx.get(approve, timeout=30).status_code == 200
    record = issues.get(SLUG)
    assert record is not None
    assert (record.approved, record.status) == ("", IssueStatus.READY)
    assert httpx.post(approve, timeout=30).status_code == 200
    to_the_editors(desk, "Approved: Ferries by night")
    assert public_places(desk) == set()

    assert fire(desk) == {"verdict": "send", "issue": SLUG}
    assert desk.books(SLUG) == Books(audience=1, sent=1)
    (mail,) = desk.inbox.issues_for(SLUG)
    assert mail["to"] == ada.email
    assert "Hello Ada," in mail["text"]
    wait_for("the record to say sent", lambda: (each := issues.get(SLUG)) and each.status is IssueStatus.SENT)
    wait_for("every list to name the issue", lambda: public_places(desk) == EVERYWHERE)
    file = httpx.get(f"{desk.url}/issues/{SLUG}/timetable.pdf")
    assert (file.content, file.headers["content-type"]) == (TIMETABLE, "application/pdf")


def test_a_correction_reaches_the_page_once_it_is_approved_and_never_the_mail(desk: Laptop) -> None:
    desk.upload(SLUG, ISSUE.replace("at nine", "at ten"))
    correction = to_the_editors(desk, "This is a correction.")
    words = " ".join(correction["text"].split())
    assert "The page and the feeds show it once somebody approves it; nobody is emailed again." in words
    assert "leaves at ten" in correction["text"].partition("CHANGED SINCE THE LAST PREVIEW")[2]
    assert "at nine" in httpx.get(f"{desk.url}/issues/{SLUG}/").text

    press(desk, correction, "approve")

    wait_for("the corrected page", lambda: "at ten" in httpx.get(f"{desk.url}/issues/{SLUG}/").text)
    wait_for("the corrected feed", lambda: "at ten" in httpx.get(f"{desk.url}/feed.atom").text)
    desk.wait_until_quiet()
    assert len(desk.inbox.issues_for(SLUG)) == 1


def test_hold_takes_a_sent_issue_down_within_seconds_and_release_brings_it_back(desk: Laptop) -> None:
    correction = to_the_editors(desk, "This is a correction.")

    press(desk, correction, "hold")
    wait_for("the issue to be nowhere", lambda: public_places(desk) == set(), seconds=10)

    press(desk, to_the_editors(desk, "On hold: Ferries by night"), "release")
    wait_for("the issue to be everywhere", lambda: public_places(desk) == EVERYWHERE, seconds=10)
    assert "at ten" in httpx.get(f"{desk.url}/issues/{SLUG}/").text


def test_a_withdrawn_issue_is_gone_with_its_preview(desk: Laptop) -> None:
    correction, preview = to_the_editors(desk, "This is a correction."), desk.preview_page(SLUG)

    press(desk, correction, "withdraw")

    wait_for("the issue to be nowhere", lambda: public_places(desk) == set())
    assert httpx.get(preview, timeout=30).status_code == 400
    assert len(desk.inbox.issues_for(SLUG)) == 1


def test_an_issue_with_its_own_hour_goes_out_and_is_public_then_and_not_before(desk: Laptop) -> None:
    slug, zone = "at-half-past", ZoneInfo("Europe/London")
    issues = DynamoIssues(desk.client("dynamodb"), desk.where["tables"]["issues"])
    grace = desk.confirmed("grace-at-the-desk@example.org", "Grace")
    tomorrow = WallTime.at(datetime.now(UTC) + timedelta(days=1), zone)
    text = ISSUE.partition("All departures")[0].replace("by night", "by day")
    desk.upload(slug, text.replace("date:", f"send: {tomorrow}\ndate:"))
    preview = to_the_editors(desk, "[Preview] Ferries by day")
    assert f"on {in_words(tomorrow.moment(zone))} (Europe/London), if somebody" in " ".join(preview["text"].split())
    press(desk, preview, "approve")
    desk.wait_until_quiet()
    watched = desk.client("lambda").invoke(
        FunctionName=desk.where["functions"]["schedule"], Payload=b'{"watch": "slots"}'
    )
    assert "FunctionError" not in watched
    approved = issues.get(slug)
    assert approved is not None
    assert (approved.status, approved.send_at) == (IssueStatus.READY, tomorrow)
    assert httpx.get(f"{desk.url}/issues/{slug}/").status_code == 404

    a_minute_ago = WallTime.at(datetime.now(UTC) - timedelta(minutes=1), zone)  # as if a day had passed
    assert issues.put(replace(approved, send_at=a_minute_ago), before=approved)
    for _ in range(2):
        desk.tell("publish", json.dumps({"hour": slug}))

    assert desk.books(slug).sent == desk.books(slug).audience >= 1
    assert [mail["subject"] for mail in desk.inbox.issues_for(slug) if mail["to"] == grace.email] == ["Ferries by day"]
    wait_for("the page", lambda: httpx.get(f"{desk.url}/issues/{slug}/").status_code == 200)
