"""Opens and clicks on the laptop stack: from SES's events through topic, queue and table to the numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.reader import wait_for
from local.stack import running
from newsletter.feedback.adapters.dynamo_engagement import DynamoEngagement
from newsletter.feedback.domain.engagement import Engagement, MachineSign
from newsletter.sending.domain.send import SIMULATOR
from tests.factories import subscriber
from tests.laptop import Laptop

pytestmark = pytest.mark.e2e

SLUG = "2026-11-17-measured"
URL = "https://example.org/more"
ISSUE = f"""---
title: Measured
date: 2026-11-17
send: now
---

Dear {{{{ name | reader }}}}, this is about housing, and there is [more to read]({URL}).
"""


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    home = tmp_path_factory.mktemp("engagement-stack")
    with running(home, {"Engagement": "aggregate"}) as (_, where):
        yield Laptop(home, where)


def does(laptop: Laptop, what: str, mail: dict[str, Any], **how: Any) -> None:
    """Open a mail or follow a link in it, as a reader or a machine would."""
    wish = {"message_id": mail["id"], "after": 900, **how}
    httpx.post(f"{laptop.where['ses_endpoint']}/_simulator/{what}", json=wish, timeout=10).raise_for_status()


def test_what_readers_and_machines_do_with_a_mail_becomes_numbers_and_nobody_stays_behind(laptop: Laptop) -> None:
    people = [f"success+{number}@{SIMULATOR}" for number in range(3)]
    for email in people:
        assert laptop.subscribers.save(subscriber(subscriber_id=laptop.who(email), email=email))
    laptop.upload(SLUG, ISSUE)
    assert laptop.books(SLUG).sent == len(people)
    store = DynamoEngagement(laptop.client("dynamodb"), laptop.where["tables"]["sends"], individual=False)
    mails = [laptop.mail(email, "issue") for email in people]
    (hidden,) = (url for url in laptop.links(mails[0]) if "not-for-readers" in url)
    assert "We count how often" in " ".join(mails[0]["text"].split())

    does(laptop, "open", mails[0])
    does(laptop, "click", mails[0], link=URL, after=960)
    does(laptop, "open", mails[1], user_agent="Mozilla/5.0")
    does(laptop, "click", mails[2], link=URL)
    does(laptop, "click", mails[2], link=hidden, after=901)

    def counted() -> Engagement | None:
        found = store.read(SLUG)
        return found if found and (found.opens.raw, found.clicks.raw) == (2, 3) else None

    found = wait_for("what was opened and clicked", counted, seconds=60)
    assert (found.opens.people, dict(found.opens.machine_by)) == (1, {MachineSign.PRIVACY_PROXY: 1})
    assert (found.clicks.people, dict(found.clicks.machine_by)) == (1, {MachineSign.HIDDEN_LINK: 2})
    assert [(url, count.likely_human) for url, count in found.links] == [(URL, 1)]

    store.fold(SLUG)
    does(laptop, "open", mails[2], after=5_000)
    wait_for("an open that comes late", lambda: (late := store.read(SLUG)) and late.late_opens == 1, seconds=60)
    left = [item for item in laptop.tables()["sends"] if item["item"]["S"].startswith("engagement")]
    assert [item["item"] for item in left] == [{"S": "engagement"}]
    assert laptop.subscribers.get(laptop.who(people[2])) is not None


def test_the_page_behind_the_hidden_link_is_the_issue(laptop: Laptop) -> None:
    (hidden,) = (url for url in laptop.links(laptop.mails(f"success+0@{SIMULATOR}", "issue")[0]) if "not-for" in url)

    answer = httpx.get(hidden, timeout=10)

    assert answer.status_code == 200
    assert "Measured" in answer.text
