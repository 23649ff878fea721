"""The main job, from the sign-up form to the closed books, with every permission enforced."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.demo import READERS, SAMPLES, check, tell
from local.emulator import aws_client
from local.reader import Inbox, wait_for
from newsletter.sending.domain.books import Books
from tests.laptop import Laptop

pytestmark = pytest.mark.e2e

ISSUE = min(SAMPLES.glob("*.md"))
Told = tuple[Path, Mapping[str, Any], Books]
"""The home of the stack, what its stack.json says, and the books of the story's send."""


@pytest.fixture(scope="module")
def told(laptop: Laptop) -> Told:
    return laptop.home, laptop.where, tell(laptop.where, ISSUE)


def test_every_confirmed_reader_gets_one_message_and_nobody_else_any(
    told: Told,
) -> None:
    _, where, books = told

    check(where, ISSUE.stem, books)

    assert books == Books(audience=len(READERS), sent=len(READERS))


def test_the_mail_can_be_left_with_one_click(told: Told) -> None:
    _, where, _ = told
    message = Inbox(where["inbox_url"]).issues_for(ISSUE.stem)[0]
    headers = {name.lower(): value for name, value in message["headers"]}

    links = re.findall(r"<([^>]+)>", headers["list-unsubscribe"])

    assert headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert links[0].startswith(f"{where['url']}/unsubscribe?token=")
    assert httpx.get(links[0], timeout=30).status_code == 200


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html"),
        (f"/issues/{ISSUE.stem}/", "text/html"),
        ("/feed.atom", "application/atom+xml"),
        ("/subscribe/", "text/html"),
    ],
)
def test_the_archive_is_there(told: Told, path: str, content_type: str) -> None:
    _, where, _ = told

    answer = httpx.get(where["url"] + path)

    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, content_type)


def test_the_home_page_names_the_issue_once_it_is_sent(told: Told) -> None:
    _, where, _ = told

    wait_for("the home page to name the issue", lambda: f"/issues/{ISSUE.stem}/" in httpx.get(where["url"] + "/").text)


def invoke(where: Mapping[str, Any], function: str, **event: str) -> Any:
    functions = aws_client("lambda", where["aws_endpoint"])
    answer = functions.invoke(FunctionName=where["functions"][function], Payload=json.dumps(event).encode())
    assert "FunctionError" not in answer, answer["Payload"].read()
    return json.loads(answer["Payload"].read())


def test_operators_skip_and_add_days_and_the_editors_are_warned_of_an_empty_one(
    told: Told,
) -> None:
    _, where, _ = told
    later = datetime.fromisoformat(invoke(where, "control", action="slots")["next"][2])
    assert later.date().isoformat() in invoke(where, "control", action="skip", day=f"{later:%Y-%m-%d}")["skipped"]
    assert invoke(where, "schedule", scheduled_time=later.isoformat())["verdict"] == "not_a_slot"
    assert invoke(where, "control", action="unskip", day=f"{later:%Y-%m-%d}")["skipped"] == []
    assert "would be over" in invoke(where, "control", action="skip", day="2026-11-17")["error"]

    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"
    invoke(where, "control", action="extra", day=tomorrow)
    for _ in range(2):
        assert invoke(where, "schedule", watch="slots")["fired"] == []
    mails = Inbox(where["inbox_url"]).messages(subject="no issue is ready")
    assert len([mail for mail in mails if f"{int(tomorrow[-2:])} " in mail["subject"]]) == 1


def test_nothing_went_to_a_dead_letter_queue(told: Told) -> None:
    _, where, _ = told
    sqs = aws_client("sqs", where["aws_endpoint"])

    waiting = {
        name: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        for name, url in where["queues"].items()
        if name.endswith("_dead_letters")
    }

    assert {name for name, count in waiting.items() if count["ApproximateNumberOfMessages"] != "0"} == set()


def test_no_address_is_in_any_log_of_a_function(told: Told) -> None:
    home, where, _ = told
    logs = [home / "logs" / f"{name}.log" for name in where["functions"]]
    wait_for("the logs", lambda: "REPORT" in (home / "logs" / "settle.log").read_text())

    addresses = {found for log in logs for found in re.findall(r"[\w.+-]+@[\w-]+\.[\w.]+", log.read_text())}

    assert addresses == set()


def test_the_description_of_the_stack_is_the_contract(told: Told) -> None:
    home, where, _ = told

    written = json.loads((home / "stack.json").read_text())

    assert written == where
    assert set(written) == {
        "url", "api_url", "inbox_url", "aws_endpoint", "ses_endpoint", "region", "content_bucket", "site_bucket",
        "tables", "queues", "functions",
    }  # fmt: skip
    assert set(written["tables"]) == {
        "subscribers", "issues", "sends", "suppressions", "receipts", "limits", "team", "sessions", "activities",
        "reviews", "webhooks",
    }  # fmt: skip
