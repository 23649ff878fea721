"""Mail to the leaving mailbox, with every lie a header can tell, through the simulated SES to the function.

Before, the mailto address was the editors' own mailbox, and a person there had to believe a From. What must never be
possible: that a mail makes anybody leave but its own sender, or the owner of the token in its address.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest

from functions.inbound.handler import lambda_handler
from newsletter.core.link_token import Purpose, SigningKeys, sign
from newsletter.readers.domain.subscriber import Mailbox, Status, subscriber_id
from tests.factories import subscriber
from tests.functions.conftest import KEYS, Deployment, deployed

JANE = subscriber_id(Mailbox("", "jane@example.org"), "key of the addresses")
TO = "leave@leave.example.org"


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Any:
    with deployed(monkeypatch) as deployment:
        deployment.save(subscriber(1, subscriber_id=JANE, email="jane@example.org"))
        yield deployment


def arrives(stack: Deployment, *lines: str, body: bytes = b"") -> Status:
    """Have SES receive a mail of these header lines; return how Jane stands then."""
    notice = stack.ses.receive("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    if notice is not None:
        record = {"messageId": "1", "receiptHandle": "r", "body": json.dumps(notice), "eventSource": "aws:sqs"}
        assert lambda_handler({"Records": [record]}, stack.context) == {"batchItemFailures": []}
    jane = stack.app.subscribers.get(JANE)
    assert jane is not None
    return jane.status


FORGED = {
    "no proof": ("From: jane@example.org",),
    "a proof that failed": ("From: jane@example.org", "Authentication-Results: amazonses.com; dmarc=fail"),
    "two From": ("From: jane@example.org", "From: mallory@evil.example", "Authentication-Results: ses; dmarc=pass"),
    "two addresses": ("From: mallory@evil.example, jane@example.org", "Authentication-Results: ses; dmarc=pass"),
    "her address as a name": (
        'From: "jane@example.org" <mallory@evil.example>', "Authentication-Results: ses; dmarc=pass",
    ),
    "her address in other fields": (
        "From: mallory@evil.example", "Sender: jane@example.org", "Reply-To: jane@example.org",
        "Return-Path: <jane@example.org>", "Authentication-Results: ses; dmarc=pass",
    ),
    "no From": ("Sender: jane@example.org", "Authentication-Results: ses; dmarc=pass"),
    "spf alone": ("From: jane@example.org", "Authentication-Results: ses; spf=pass; dkim=pass; dmarc=none"),
}  # fmt: skip


@pytest.mark.parametrize("lines", FORGED.values(), ids=FORGED)
def test_a_forged_sender_lets_nobody_leave(stack: Deployment, lines: tuple[str, ...]) -> None:
    assert arrives(stack, *lines, f"To: {TO}", "Subject: unsubscribe") is Status.CONFIRMED


@pytest.mark.parametrize("purpose", [each for each in Purpose if each is not Purpose.UNSUBSCRIBE])
def test_a_token_made_for_another_purpose_lets_nobody_leave(stack: Deployment, purpose: Purpose) -> None:
    token = sign(purpose, JANE, KEYS, now=stack.now())

    assert arrives(stack, "From: m@evil.example", f"To: leave+{token}@leave.example.org") is Status.CONFIRMED


def test_a_token_under_a_foreign_key_or_cut_short_lets_nobody_leave(stack: Deployment) -> None:
    foreign = sign(Purpose.UNSUBSCRIBE, JANE, SigningKeys("another key"), now=stack.now())
    good = sign(Purpose.UNSUBSCRIBE, JANE, KEYS, now=stack.now())

    for token in (foreign, good[:-4], good[1:], "A" * 48, "", "%00"):
        assert arrives(stack, "From: m@evil.example", f"To: leave+{token}@leave.example.org") is Status.CONFIRMED


def test_an_out_of_office_answer_is_no_wish_to_leave(stack: Deployment) -> None:
    token = sign(Purpose.UNSUBSCRIBE, JANE, KEYS, now=stack.now())
    proof = "Authentication-Results: ses; dmarc=pass"

    for to in (TO, f"leave+{token}@leave.example.org"):
        said = arrives(stack, "From: jane@example.org", f"To: {to}", "Auto-Submitted: auto-replied", proof)
        assert said is Status.CONFIRMED


def test_forged_mail_by_the_hundred_mails_the_victim_three_times_and_editors_never(stack: Deployment) -> None:
    for _ in range(20):
        assert arrives(stack, "From: jane@example.org", f"To: {TO}") is Status.CONFIRMED

    assert stack.in_queue("greet") == 3
    assert stack.ses.messages() == []


def test_size_and_emptiness_change_nothing(stack: Deployment) -> None:
    token = sign(Purpose.UNSUBSCRIBE, JANE, KEYS, now=stack.now())
    huge = secrets.token_bytes(1024) * 25 * 1024

    assert arrives(stack, "From: m@evil.example", f"To: {TO}", body=huge) is Status.CONFIRMED
    assert arrives(stack, "X-Padding: " + "x" * 30_000, "From: jane@example.org", f"To: {TO}") is Status.CONFIRMED
    assert arrives(stack, f"To: LEAVE+{token}@leave.example.org", body=huge) is Status.UNSUBSCRIBED


def test_the_writer_herself_leaves_with_no_token_and_no_text(stack: Deployment) -> None:
    proof = "Authentication-Results: amazonses.com; dkim=pass; dmarc=pass header.from=example.org"

    assert arrives(stack, "From: Jane <Jane@Example.org>", f"To: {TO}", proof) is Status.UNSUBSCRIBED


def test_no_other_mailbox_of_the_domain_exists(stack: Deployment) -> None:
    proof = "Authentication-Results: ses; dmarc=pass"

    assert arrives(stack, "From: jane@example.org", "To: hello@leave.example.org", proof) is Status.CONFIRMED
