"""A report on the laptop stack, permissions enforced: from the closing of the books to the page behind the link."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from local.reader import wait_for
from newsletter.readers.domain.suppression import SuppressionReason
from tests.factories import subscriber
from tests.laptop import Laptop

pytestmark = pytest.mark.e2e

SLUG = "2026-11-03-reported"
BOUNCING = "bounce@simulator.amazonses.com"
READERS = ("ada@example.org", "ben@example.org", BOUNCING)
ISSUE = "---\ntitle: Reported\ndate: 2026-11-03\nsend: now\n---\n\nThis is the whole issue.\n"


@pytest.fixture(scope="module", autouse=True)
def _a_send_that_is_over(laptop: Laptop) -> None:
    for email in READERS:
        assert laptop.subscribers.save(subscriber(subscriber_id=laptop.who(email), email=email))
    laptop.upload(SLUG, ISSUE)
    laptop.books(SLUG)


def control(laptop: Laptop, **wish: Any) -> dict[str, Any]:
    name = laptop.where["functions"]["control"]
    answer = laptop.client("lambda").invoke(FunctionName=name, Payload=json.dumps(wish).encode())
    told: dict[str, Any] = json.loads(answer["Payload"].read())
    return told


def as_json(link: str) -> dict[str, Any]:
    answer = httpx.get(f"{link}&format=json", timeout=30)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def report_mail(laptop: Laptop) -> dict[str, Any]:
    def arrived() -> list[dict[str, Any]]:
        return laptop.inbox.messages(**{"tag.kind": "editors", "subject": "Sent: Reported"})

    (mail,) = wait_for("the report's mail", arrived)
    return mail


def test_the_mail_at_the_closing_leads_to_a_page_with_the_numbers_of_the_books(laptop: Laptop) -> None:
    books = laptop.books(SLUG)
    link = next(each for each in laptop.links(report_mail(laptop)) if "/report?issue=" in each)

    page, told = httpx.get(link, timeout=30), as_json(link)

    assert page.status_code == 200
    assert f"{books.audience} in the audience = {books.sent} sent" in page.text
    assert (told["books"]["audience"], told["books"]["sent"]) == (books.audience, books.sent) == (3, 3)
    assert {"fan_out", "send"} <= set(told["receipt"]["functions"])
    assert told["receipt"]["calls"]["SES"]["SendBulkEmail"] >= 1
    assert httpx.post(link, timeout=30).status_code == 405


def test_a_fresh_report_knows_the_bounce_that_came_meanwhile_and_mails_nobody(laptop: Laptop) -> None:
    def suppressed() -> bool:
        known = laptop.suppressions.get(laptop.who(BOUNCING))
        return known is not None and known.reason is SuppressionReason.HARD_BOUNCE

    wait_for("the bounce", suppressed)
    laptop.wait_until_quiet()
    link = control(laptop, action="report", slug=SLUG, fresh=True)["url"]

    wait_for("the fresh report", lambda: as_json(link)["events"]["hard_bounce"] == 1)

    told = as_json(link)
    assert told["list"]["suppressed"] == {"hard_bounce": 1}
    assert told["list"]["on_list"] == 2
    assert "feedback" in told["receipt"]["functions"]
    report_mail(laptop)


def test_the_list_is_counted_and_has_a_page(laptop: Laptop) -> None:
    link = control(laptop, action="report", fresh=True)["url"]

    wait_for("the growth", lambda: httpx.get(link, timeout=30).status_code == 200)

    assert as_json(link)["now"]["on_list"] == 2
