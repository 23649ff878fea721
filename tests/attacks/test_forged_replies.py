"""A mailbox that counts and thanks: floods in readers' names, loops between programs, headers within headers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from local.documents.blast_radius import reach
from newsletter.core.link_token import SigningKeys
from newsletter.core.links import Links
from newsletter.feedback.domain.response import Responses
from newsletter.feedback.jobs.count_reply import count_reply
from newsletter.feedback.response_ports import ReplyPorts
from newsletter.readers.adapters.ses_inbound import read_inbound
from tests.core.fakes import NOW
from tests.factories import SLUG, subscriber
from tests.feedback.fakes import MemoryResponses
from tests.readers.fakes import MemorySubscribers, PlainAddresses, RecordingGreetQueue

TOPIC = "arn:aws:sns:eu-west-2:123456789012:inbound"
KEYS = SigningKeys("ours")
ADDRESS = Links("", KEYS, "in.example.org").reply_address(SLUG)


class Newsroom:
    """Three readers, and whatever mail comes in."""

    def __init__(self) -> None:
        self.addresses, self.subscribers = PlainAddresses(), MemorySubscribers()
        self.responses, self.greet_queue = MemoryResponses(), RecordingGreetQueue()
        for number in range(3):
            email = f"reader{number}@example.org"
            reader_id = self.addresses.subscriber_id(self.addresses.mailbox(email))
            assert self.subscribers.save(subscriber(number, subscriber_id=reader_id, email=email))

    def receive(self, headers: Mapping[str, str], *, dmarc: str = "GRAY", to: str = ADDRESS) -> str:
        """Take a mail as SES tells of it."""
        fields = [{"name": name, "value": value} for name, value in headers.items()]
        notice: dict[str, Any] = {
            "notificationType": "Received",
            "receipt": {"recipients": [to], "dmarcVerdict": {"status": dmarc}},
            "mail": {"source": headers.get("Return-Path", "x@example.org"), "headers": fields},
        }
        mail = read_inbound(json.dumps({"TopicArn": TOPIC, "Message": json.dumps(notice)}), topic_arn=TOPIC)
        assert not mail.for_leaving
        ports = ReplyPorts(self.addresses, self.subscribers, self.responses, self.greet_queue)
        return count_reply(mail, ports=ports, keys=KEYS, now=NOW)


def test_a_thousand_forged_replies_mail_nobody_and_count_each_reader_once() -> None:
    newsroom = Newsroom()

    for number in range(1000):
        newsroom.receive({"From": f"reader{number % 4}@example.org"}, dmarc=("FAIL", "GRAY")[number % 2])

    assert newsroom.responses.of_issue(SLUG) == Responses(replies=3)
    assert newsroom.greet_queue.greetings == []


def test_a_reader_who_replies_a_thousand_times_is_thanked_once() -> None:
    newsroom = Newsroom()

    for _ in range(1000):
        newsroom.receive({"From": "reader1@example.org"}, dmarc="PASS")

    assert len(newsroom.greet_queue.greetings) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-generated"},
        {"auto-submitted": "AUTO-REPLIED; owner-email=x"},
        {"Precedence": "bulk"},
        {"Precedence": "junk"},
        {"List-Id": "<other.example.org>"},
        {"X-Autoreply": "yes"},
        {"Content-Type": "multipart/report; report-type=delivery-status"},
        {"Return-Path": "<>"},
        {"Return-Path": ""},
    ],
)
def test_no_program_is_answered_so_that_no_two_talk_to_each_other(headers: dict[str, str]) -> None:
    newsroom = Newsroom()

    assert newsroom.receive({"From": "reader1@example.org", **headers}, dmarc="PASS") == "machine"
    assert (newsroom.responses.of_issue(SLUG), newsroom.greet_queue.greetings) == (None, [])


@pytest.mark.parametrize(
    "written",
    [
        "reader1@example.org\r\nBcc: victim@example.net",
        '"a\r\nBcc: victim@example.net" <reader1@example.org',
        "reader1@example.org, victim@example.net",
        "<script>@example.org",
        "=?utf-8?q?=0D=0ABcc:_v@example.net?= <>",
        "\x00",
    ],
)
def test_a_from_that_holds_more_than_one_address_thanks_nobody_else(written: str) -> None:
    newsroom = Newsroom()

    newsroom.receive({"From": written}, dmarc="PASS")

    readers = set(newsroom.subscribers.by_id)
    assert {each.subscriber_id for each in newsroom.greet_queue.greetings} <= readers


@pytest.mark.parametrize("to", ["replies@in.example.org", "replies+@in.example.org", "Replies+00ff@in.example.org"])
def test_the_mailbox_without_a_token_of_ours_counts_nothing_and_lets_nobody_leave(to: str) -> None:
    newsroom = Newsroom()

    assert newsroom.receive({"From": "reader1@example.org"}, dmarc="PASS", to=to) == "forged"
    assert newsroom.responses.of_issue(SLUG) is None


def test_the_function_that_takes_mail_reads_no_body_and_sends_none() -> None:
    actions = {action for may in reach()["inbound"].values() for action in may}

    assert not [action for action in actions if action.startswith(("s3:", "ses:"))]
