"""Feedback on the laptop stack: the addresses of SES's mailbox simulator, and a send that bounces too much."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from local.reader import wait_for
from local.stack import running
from newsletter.feedback.adapters.dynamo_evidence import DynamoEvidence
from newsletter.feedback.domain.feedback import FeedbackKind, Reason
from newsletter.readers.domain.suppression import SuppressionReason
from newsletter.sending.adapters.dynamo_sends import DynamoSends
from newsletter.sending.domain.send import SIMULATOR, PausedBy, Send, SendState
from tests.factories import subscriber
from tests.laptop import Laptop

pytestmark = pytest.mark.e2e

SAMPLE = 60
CROWD = 240
BOUNCE_EVERY = 12  # 8 % of the list
FEW, MANY = "2026-11-03-to-a-few", "2026-11-10-to-many"
ISSUE = """---
title: {title}
date: {date}
send: now
---

Dear {{{{ name | reader }}}}, this is about housing, and there is [more to read](https://example.org/more).
"""


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    home = tmp_path_factory.mktemp("feedback-stack")
    with running(home, {"BreakerSample": str(SAMPLE), "EventDetail": "full", "SendEvents": "topic"}) as (_, where):
        yield Laptop(home, where)


def join(laptop: Laptop, email: str) -> str:
    """Put a confirmed reader on the list, as an import does."""
    who = laptop.who(email)
    assert laptop.subscribers.save(subscriber(subscriber_id=who, email=email))
    return who


def publish(laptop: Laptop, slug: str) -> None:
    laptop.upload(slug, ISSUE.format(title=slug[11:].replace("-", " ").capitalize(), date=slug[:10]))


def sends(laptop: Laptop) -> DynamoSends:
    return DynamoSends(laptop.client("dynamodb"), laptop.where["tables"]["sends"])


def evidence(laptop: Laptop) -> DynamoEvidence:
    return DynamoEvidence(laptop.client("dynamodb"), laptop.where["tables"]["sends"])


def control(laptop: Laptop, **wish: str) -> dict[str, Any]:
    function = laptop.where["functions"]["control"]
    answer = laptop.client("lambda").invoke(FunctionName=function, Payload=json.dumps(wish).encode())
    told: dict[str, Any] = json.loads(answer["Payload"].read())
    return told


def test_each_address_of_the_mailbox_simulator_leads_to_the_right_record(laptop: Laptop) -> None:
    names = ("success", "bounce", "ooto", "complaint", "suppressionlist")
    readers = {name: join(laptop, f"{name}@{SIMULATOR}") for name in names}
    publish(laptop, FEW)
    assert laptop.books(FEW).sent == len(names)

    wait_for(
        "the out-of-office reply, which comes last",
        lambda: evidence(laptop).results(FEW).totals[FeedbackKind.SOFT_BOUNCE] == 1,
        seconds=60,
    )
    laptop.wait_until_quiet()
    results = evidence(laptop).results(FEW)

    assert {kind: count for kind, count in results.totals.items() if count} == {
        FeedbackKind.SENT: 5,
        FeedbackKind.DELIVERED: 3,  # success, complaint, and the out-of-office reply
        FeedbackKind.HARD_BOUNCE: 2,
        FeedbackKind.SOFT_BOUNCE: 1,
        FeedbackKind.COMPLAINT: 1,
    }
    assert results.reasons[FeedbackKind.SOFT_BOUNCE, Reason.AUTOMATIC_REPLY] == 1
    found = {name: laptop.suppressions.get(who) for name, who in readers.items()}
    assert {name: each.reason for name, each in found.items() if each} == {
        "bounce": SuppressionReason.HARD_BOUNCE,
        "suppressionlist": SuppressionReason.HARD_BOUNCE,
        "complaint": SuppressionReason.COMPLAINT,
    }
    stored = {name: laptop.subscribers.get(who) for name, who in readers.items()}
    assert {name for name, each in stored.items() if each and each.in_audience} == {"success", "ooto"}


def test_a_send_with_eight_bounces_in_a_hundred_is_held_until_somebody_lets_it_go_on(laptop: Laptop) -> None:
    for number in range(CROWD):
        kind = "success" if number % BOUNCE_EVERY else "bounce"
        join(laptop, f"{kind}+{number}@{SIMULATOR}")
    account = {"max_send_rate": 8, "max_24_hour_send": 50_000, "enforcement_status": "HEALTHY", "sending_enabled": True}
    httpx.put(f"{laptop.where['ses_endpoint']}/_simulator/account", json=account, timeout=10).raise_for_status()
    publish(laptop, MANY)

    def held() -> Send | None:
        send = sends(laptop).get(MANY)
        return send if send and send.state is not SendState.OPEN else None

    send = wait_for("the breaker", held, seconds=120)
    assert (send.state, send.paused_by) == (SendState.PAUSED, PausedBy.BREAKER)
    assert "bounced permanently" in send.paused_because
    accepted = evidence(laptop).results(MANY).totals[FeedbackKind.SENT]
    assert SAMPLE <= accepted < CROWD

    mail = wait_for("word to the editors", lambda: laptop.inbox.messages(subject="Paused: To many"))[0]
    assert "bounced permanently" in " ".join(mail["text"].split())
    assert f"newsletter send resume {MANY}" in " ".join(mail["text"].split())

    before = datetime.now(UTC)
    assert control(laptop, action="resume", slug=MANY)["state"] == "open"
    resumed = sends(laptop).get(MANY)
    assert resumed is not None
    assert resumed.judged_from is not None
    assert resumed.judged_from >= before
    wait_for(
        "mails that go on", lambda: evidence(laptop).results(MANY).totals[FeedbackKind.SENT] > accepted, seconds=60
    )
