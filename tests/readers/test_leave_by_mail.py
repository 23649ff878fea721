"""A mail to the leaving mailbox: whom it lets leave, and whom it never does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from newsletter.core.link_token import Purpose, SigningKeys, sign
from newsletter.readers.domain.greeting import Occasion
from newsletter.readers.domain.inbound_mail import Hand, InboundMail, hand_of
from newsletter.readers.domain.limits import Policy
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.jobs.judge_inbound import judge_inbound
from newsletter.readers.jobs.unsubscribe import unsubscribe
from newsletter.readers.limiter import Limiter
from newsletter.readers.ports import LinkRequestPorts
from tests.core.fakes import NOW, MemoryCounters
from tests.factories import subscriber
from tests.readers.fakes import MemorySubscribers, PlainAddresses, RecordingGreetQueue

KEYS = SigningKeys("current")
POLICY = Policy(proof_of_work=True, per_network=40, per_hour=1000)
ADDRESSES = PlainAddresses()


def reader(email: str) -> Subscriber:
    return subscriber(1, subscriber_id=ADDRESSES.subscriber_id(ADDRESSES.mailbox(email)), email=email)


ADA, BEN = reader("ada@example.org"), reader("ben@example.org")


@dataclass
class Mailbox:
    subscribers: MemorySubscribers = field(default_factory=lambda: MemorySubscribers(ADA, BEN))
    greet_queue: RecordingGreetQueue = field(default_factory=RecordingGreetQueue)
    counters: MemoryCounters = field(default_factory=MemoryCounters)

    def take(self, mail: InboundMail) -> str:
        ports = LinkRequestPorts(ADDRESSES, Limiter(self.counters, POLICY, "k"), self.greet_queue)
        judgement = judge_inbound(mail, ports=ports, keys=KEYS, now=NOW)
        for subscriber_id in judgement.leaving:
            unsubscribe(subscriber_id, subscribers=self.subscribers, now=NOW)
        return judgement.became

    def left(self) -> set[str]:
        return {each.email for each in self.subscribers.by_id.values() if each.status is Status.UNSUBSCRIBED}


def token(who: Subscriber, purpose: Purpose = Purpose.UNSUBSCRIBE) -> str:
    return sign(purpose, who.subscriber_id, KEYS, now=NOW - timedelta(days=4000))


def test_the_token_in_the_address_lets_its_owner_leave_however_old_it_is_and_whoever_writes() -> None:
    box = Mailbox()

    assert box.take(InboundMail(tokens=(token(ADA),), writer="her-other-address@example.net")) == "left"
    assert box.left() == {ADA.email}
    assert box.take(InboundMail(tokens=(token(ADA),))) == "left"  # twice is once


def test_a_writer_proved_by_dmarc_leaves_without_a_token() -> None:
    box = Mailbox()

    assert box.take(InboundMail(writer="Ada@Example.org", aligned=True)) == "left"
    assert box.left() == {ADA.email}


@pytest.mark.parametrize("purpose", [Purpose.CONFIRM, Purpose.PREFERENCES, Purpose.DECIDE])
def test_a_token_for_something_else_proves_nothing(purpose: Purpose) -> None:
    box = Mailbox()

    assert box.take(InboundMail(tokens=(token(ADA, purpose), "nonsense"), writer=BEN.email)) == "asked"
    assert box.left() == set()


def test_a_writer_who_is_not_proved_is_mailed_the_link_at_most_three_times_a_day() -> None:
    box = Mailbox()

    said = [box.take(InboundMail(writer=ADA.email)) for _ in range(5)]

    assert said == ["asked", "asked", "asked", "limited", "limited"]
    assert {(each.occasion, each.subscriber_id) for each in box.greet_queue.greetings} == {
        (Occasion.LEAVE_LINK, ADA.subscriber_id)
    }
    assert box.left() == set()


@pytest.mark.parametrize("hand", [Hand.ANSWER, Hand.REPORT])
def test_an_out_of_office_answer_lets_nobody_leave_even_to_an_address_with_a_token(hand: Hand) -> None:
    box = Mailbox()

    assert box.take(InboundMail(tokens=(token(ADA),), writer=ADA.email, aligned=True, hand=hand)) == "machine"
    assert box.left() == set()


def test_a_program_may_leave_for_its_owner_by_token_and_not_by_name() -> None:
    box = Mailbox()

    assert box.take(InboundMail(writer=BEN.email, aligned=True, hand=Hand.PROGRAM)) == "machine"
    assert box.take(InboundMail(tokens=(token(ADA),), hand=Hand.PROGRAM)) == "left"
    assert box.left() == {ADA.email}


def test_a_mail_from_nobody_we_can_name_is_left_alone() -> None:
    assert Mailbox().take(InboundMail(writer="", aligned=True)) == "nobody"


@pytest.mark.parametrize(
    ("header", "sender", "hand"),
    [
        ({}, "ada@example.org", Hand.PERSON),
        ({"auto-submitted": "no", "content-type": "text/plain"}, "ada@example.org", Hand.PERSON),
        ({"auto-submitted": "auto-replied (vacation)"}, "ada@example.org", Hand.ANSWER),
        ({"auto-submitted": "Auto-Replied; owner-email=a@b"}, "ada@example.org", Hand.ANSWER),
        ({"x-autoreply": "yes"}, "ada@example.org", Hand.ANSWER),
        ({"precedence": "auto_reply"}, "ada@example.org", Hand.ANSWER),
        ({"auto-submitted": "auto-generated"}, "ada@example.org", Hand.PROGRAM),
        ({"precedence": "bulk"}, "ada@example.org", Hand.PROGRAM),
        ({"list-id": "<x.example.org>"}, "ada@example.org", Hand.PROGRAM),
        ({}, "", Hand.PROGRAM),
        ({}, "<>", Hand.PROGRAM),
        ({"content-type": 'multipart/report; report-type="delivery-status"'}, "", Hand.REPORT),
        ({"content-type": "application/gzip; name=x.xml.gz"}, "dmarc@example.net", Hand.REPORT),
        ({"subject": "Report Domain: example.org Submitter: example.net"}, "dmarc@example.net", Hand.REPORT),
    ],
)
def test_who_wrote_a_mail_stands_in_its_header(header: dict[str, str], sender: str, hand: Hand) -> None:
    assert hand_of(header, sender) is hand
