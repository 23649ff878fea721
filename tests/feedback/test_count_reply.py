"""A reply to an issue is counted once for each reader, by its envelope alone; machines and strangers count nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from newsletter.core.link_token import SigningKeys
from newsletter.core.links import NO_MARK, Links, vote_half_of_issue
from newsletter.feedback.domain.reply import ReplyResult
from newsletter.feedback.domain.response import Responses
from newsletter.feedback.jobs.count_reply import count_reply
from newsletter.feedback.response_ports import ReplyPorts
from newsletter.readers.domain.greeting import Occasion
from newsletter.readers.domain.inbound_mail import Hand, InboundMail
from newsletter.readers.domain.subscriber import Status
from tests.core.fakes import NOW
from tests.factories import SLUG, subscriber
from tests.feedback.fakes import MemoryResponses
from tests.readers.fakes import MemorySubscribers, PlainAddresses, RecordingGreetQueue

KEYS = SigningKeys("current", "previous")
ADA = "ada@example.org"


def token(slug: str = SLUG, key: str = "current") -> str:
    """Return what stands behind `replies+` in the address that the emails of an issue name."""
    return Links("", SigningKeys(key), "in.example.org").reply_address(slug).partition("+")[2].partition("@")[0]


class Desk:
    """A list with two readers and somebody who has not confirmed."""

    def __init__(self) -> None:
        self.addresses, self.subscribers = PlainAddresses(), MemorySubscribers()
        self.responses, self.greet_queue = MemoryResponses(), RecordingGreetQueue()
        for number, email in enumerate((ADA, "grace@example.org")):
            assert self.subscribers.save(subscriber(number, subscriber_id=self.id_of(email), email=email))
        new = subscriber(9, subscriber_id=self.id_of("new@example.org"), status=Status.UNCONFIRMED, confirmed_at=None)
        assert self.subscribers.save(new)

    def id_of(self, email: str) -> str:
        return self.addresses.subscriber_id(self.addresses.mailbox(email))

    def reply(self, writer: str = ADA, *tokens: str, aligned: bool = True, hand: Hand = Hand.PERSON) -> ReplyResult:
        mail = InboundMail(
            reply_tokens=tokens or (token(),), for_leaving=False, writer=writer, aligned=aligned, hand=hand
        )
        ports = ReplyPorts(self.addresses, self.subscribers, self.responses, self.greet_queue)
        return count_reply(mail, ports=ports, keys=KEYS, now=NOW)

    @property
    def thanked(self) -> list[str]:
        return [each.subscriber_id for each in self.greet_queue.greetings if each.occasion is Occasion.REPLY]


def test_a_reply_is_counted_and_its_writer_is_thanked_once() -> None:
    desk = Desk()

    assert [desk.reply(), desk.reply(), desk.reply("grace@example.org")] == [
        ReplyResult.THANKED, ReplyResult.AGAIN, ReplyResult.THANKED,
    ]  # fmt: skip
    assert desk.responses.of_issue(SLUG) == Responses(replies=2)
    assert desk.thanked == [desk.id_of(ADA), desk.id_of("grace@example.org")]


def test_the_same_reader_counts_for_every_issue() -> None:
    desk = Desk()
    desk.reply()

    assert desk.reply(ADA, token("2026-12-15-other")) is ReplyResult.THANKED
    assert desk.responses.of_issue("2026-12-15-other") == Responses(replies=1)


def test_a_sender_who_is_not_proved_is_counted_and_gets_nothing() -> None:
    """Anybody can write anybody's address into a From; we would mail whoever they like."""
    desk = Desk()

    assert [desk.reply(aligned=False), desk.reply()] == [ReplyResult.COUNTED, ReplyResult.AGAIN]
    assert desk.thanked == []


@pytest.mark.parametrize("hand", [each for each in Hand if each is not Hand.PERSON])
def test_a_machine_is_neither_counted_nor_answered(hand: Hand) -> None:
    desk = Desk()

    assert desk.reply(hand=hand) is ReplyResult.MACHINE
    assert (desk.responses.of_issue(SLUG), desk.thanked) == (None, [])


@pytest.mark.parametrize("writer", ["nobody@example.org", "new@example.org", "", "no address", "a@b\r\nBcc: c@d.org"])
def test_whoever_is_no_confirmed_reader_counts_nothing(writer: str) -> None:
    desk = Desk()

    assert desk.reply(writer) is ReplyResult.STRANGER
    assert (desk.responses.of_issue(SLUG), desk.thanked) == (None, [])


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "x",
        "0" * 32,
        vote_half_of_issue(SLUG) + NO_MARK,
        token(key="another"),
        token()[:31],
        token() + "0",
        "ä" * 32,
    ],
)
def test_an_address_that_none_of_our_emails_named_counts_nothing(forged: str) -> None:
    desk = Desk()

    assert desk.reply(ADA, forged) is ReplyResult.FORGED
    assert desk.responses.of_issue(SLUG) is None


def test_an_address_in_capitals_or_under_the_key_before_is_ours() -> None:
    for ours in (token().upper(), token(key="previous")):
        assert Desk().reply(ADA, ours) is ReplyResult.THANKED


def test_a_mark_is_forgotten_after_a_month_at_the_same_moment_as_all_of_its_day() -> None:
    desk = Desk()
    desk.reply()

    (forgotten_at,) = desk.responses.voted.values()
    assert forgotten_at == NOW.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=31)
    assert desk.id_of(ADA)[:16] not in str(desk.responses.voted)
