"""An issue as its editors live through it: preview, approval, send, correction, withdrawal; permissions enforced."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.reader import wait_for
from local.stack import running
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
"""


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


def test_an_issue_goes_out_once_after_its_approval_and_a_correction_reaches_only_the_page(desk: Laptop) -> None:
    ada = desk.confirmed("ada-at-the-desk@example.org", "Ada")
    issues = DynamoIssues(desk.client("dynamodb"), desk.where["tables"]["issues"])
    desk.tell("settle", json.dumps({"settle": OPEN_SENDS}))  # what a clock asks for: it counts the audience
    desk.wait_until_quiet()
    desk.upload(SLUG, ISSUE)
    preview = to_the_editors(desk, "[Preview] Ferries by night")
    assert "It is waiting for approval." in preview["text"]
    assert "1 subscriber" in preview["text"]

    assert fire(desk)["verdict"] == "nothing_ready"
    to_the_editors(desk, "“Ferries by night” is not approved")

    approve = desk.decide_link(preview, "approve")
    assert httpx.get(approve, timeout=30).status_code == 200
    record = issues.get(SLUG)
    assert record is not None
    assert (record.approved, record.status) == ("", IssueStatus.READY)
    assert httpx.post(approve, timeout=30).status_code == 200
    to_the_editors(desk, "Approved: Ferries by night")

    assert fire(desk) == {"verdict": "send", "issue": SLUG}
    assert desk.books(SLUG) == Books(audience=1, sent=1)
    (mail,) = desk.inbox.issues_for(SLUG)
    assert mail["to"] == ada.email
    assert "Hello Ada," in mail["text"]
    wait_for("the record to say sent", lambda: (each := issues.get(SLUG)) and each.status is IssueStatus.SENT)

    desk.upload(SLUG, ISSUE.replace("at nine", "at ten"))
    correction = to_the_editors(desk, "Nobody is emailed again.")
    assert "leaves at ten" in correction["text"].partition("CHANGED SINCE THE LAST PREVIEW")[2]
    wait_for("the corrected page", lambda: "at ten" in httpx.get(f"{desk.url}/issues/{SLUG}/").text)
    wait_for("the corrected feed", lambda: "at ten" in httpx.get(f"{desk.url}/feed.atom").text)
    desk.wait_until_quiet()
    assert len(desk.inbox.issues_for(SLUG)) == 1

    assert httpx.post(desk.decide_link(correction, "withdraw"), timeout=30).status_code == 200
    wait_for("the page to go", lambda: httpx.get(f"{desk.url}/issues/{SLUG}/").status_code == 404)
    assert len(desk.inbox.issues_for(SLUG)) == 1
