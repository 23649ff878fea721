"""Sign-up: the wish is recorded, the mailbox is asked, and nobody can tell who was on the list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from newsletter.domain.link_token import Purpose, read
from newsletter.domain.subscriber import Status
from newsletter.domain.suppression import Suppression, SuppressionReason
from newsletter.errors import InvalidEmailError, SendThrottledError
from newsletter.jobs.subscribe import SignedUp, SignUp, subscribe
from newsletter.ports import SignUpPorts
from tests.factories import KEYS, LINKS, subscriber
from tests.fakes import NOW, MemoryMailer, MemorySubscribers, MemorySuppressions, PlainAddresses, PlainMails


@dataclass
class Desk:
    """The sign-up desk of a test."""

    subscribers: MemorySubscribers = field(default_factory=MemorySubscribers)
    suppressions: MemorySuppressions = field(default_factory=MemorySuppressions)
    mailer: MemoryMailer = field(default_factory=MemoryMailer)
    addresses: PlainAddresses = field(default_factory=PlainAddresses)

    def sign_up(self, email: str = "ada@example.org", name: str = "Ada", now: datetime = NOW) -> SignedUp:
        ports = SignUpPorts(self.subscribers, self.suppressions, self.mailer, PlainMails())
        return subscribe(SignUp(email, name, "/"), addresses=self.addresses, ports=ports, links=LINKS, now=now)

    def id_of(self, email: str) -> str:
        return self.addresses.subscriber_id(self.addresses.mailbox(email))


def test_a_new_reader_is_recorded_as_unconfirmed_and_gets_a_confirmation_link() -> None:
    desk = Desk()

    signed_up = desk.sign_up()

    stored = desk.subscribers.get(signed_up.subscriber_id)
    assert stored is not None
    assert stored.status is Status.UNCONFIRMED
    (mail,) = desk.mailer.outbox
    assert (mail.to, mail.kind, mail.subscriber_id) == ("ada@example.org", "confirmation", stored.subscriber_id)
    token = mail.mail.text.partition("confirm?token=")[2].split()[0]
    assert read(Purpose.CONFIRM, token, KEYS, now=NOW).subscriber_id == stored.subscriber_id


def test_a_double_click_mails_once() -> None:
    desk = Desk()

    assert desk.sign_up().mailed
    assert not desk.sign_up(now=NOW + timedelta(seconds=1)).mailed
    assert len(desk.mailer.outbox) == 1


def test_a_confirmed_reader_is_not_mailed_and_nothing_changes() -> None:
    desk = Desk()
    known = subscriber(subscriber_id=desk.id_of("ada@example.org"), name="Ada")
    desk.subscribers.save(known)

    assert not desk.sign_up(name="Eve").mailed
    stored = desk.subscribers.get(known.subscriber_id)
    assert stored is not None
    assert (stored.name, stored.status) == ("Ada", Status.CONFIRMED)


@pytest.mark.parametrize(
    "reason", [SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT, SuppressionReason.MANUAL]
)
def test_a_suppressed_address_is_neither_mailed_nor_recorded(reason: SuppressionReason) -> None:
    desk = Desk()
    desk.suppressions.add(Suppression(desk.id_of("ada@example.org"), reason, NOW))

    assert not desk.sign_up().mailed
    assert desk.subscribers.by_id == {}
    assert desk.mailer.outbox == []


def test_an_erased_reader_can_come_back_in_person() -> None:
    desk = Desk()
    desk.suppressions.add(Suppression(desk.id_of("ada@example.org"), SuppressionReason.ERASED, NOW))

    assert desk.sign_up().mailed


def test_a_mail_that_could_not_leave_may_be_asked_for_again_at_once() -> None:
    desk = Desk()
    desk.mailer.failure = SendThrottledError("SES: too many requests")
    with pytest.raises(SendThrottledError):
        desk.sign_up()
    desk.mailer.failure = None

    assert desk.sign_up(now=NOW + timedelta(seconds=1)).mailed


def test_a_bad_address_is_refused_and_nothing_is_recorded() -> None:
    desk = Desk()

    with pytest.raises(InvalidEmailError):
        desk.sign_up("no address")
    assert desk.subscribers.by_id == {}
