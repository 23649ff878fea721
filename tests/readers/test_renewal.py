"""A consent that grows old: one mail, one button, and silence that ends it; nothing at all while the parameter is 0."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from newsletter.core.link_token import RENEW_WITHIN, Purpose, SigningKeys, Token, read, sign
from newsletter.errors import ExpiredTokenError, InvalidTokenError, SendRejectedError, SendThrottledError
from newsletter.readers.adapters.dynamo_old_consents import DynamoOldConsents
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.greeting import Greeted
from newsletter.readers.domain.limits import Lane, Policy
from newsletter.readers.domain.link_rights import Confirmed, Press
from newsletter.readers.domain.renewal import NOT_RENEWED, RenewalPolicy
from newsletter.readers.domain.retention import RetentionPolicy, is_to_be_forgotten, tombstone
from newsletter.readers.domain.subscriber import LEAVING_REASONS, Status, Subscriber
from newsletter.readers.jobs.ask_for_renewals import AskedForRenewals, ask_for_renewals
from newsletter.readers.jobs.greet import greet
from newsletter.readers.jobs.renew_consent import renew_consent
from newsletter.readers.jobs.unsubscribe import unsubscribe
from newsletter.readers.ports import GreetPorts, SignUpPorts
from newsletter.readers.retention_ports import OldConsentsPage, RenewalPorts
from tests.core.fakes import NOW, MemoryCounters, MemoryMailer, PlainMails
from tests.factories import LINKS, an_id, subscriber
from tests.readers.fakes import (
    MemoryAddressInsights,
    MemoryConfirmationHold,
    MemoryDisposable,
    MemorySubscribers,
    MemorySuppressions,
    no_network_held,
)
from tests.sending.fakes import MemoryQueues

DAY = timedelta(days=1)
YEAR = 365 * DAY
SEAL = "key of the seals"


def reader(number: int = 1, *, days: float = 800, **changes: Any) -> Subscriber:
    """Return a reader who confirmed so many days ago."""
    given = NOW - days * DAY
    receipt = Consent(asked_at=given, page="/", confirmed_at=given).sealed(SEAL)
    known = {"signed_up_at": given, "confirmed_at": given, "consent": receipt}
    return subscriber(number, **{**known, **changes})


class MemoryOldConsents:
    """Pages of two."""

    def __init__(self, subscribers: MemorySubscribers) -> None:
        self._subscribers = subscribers

    def page(self, bookmark: str, *, given_before: datetime) -> OldConsentsPage:
        ids = [who for who in sorted(self._subscribers.by_id) if who > bookmark]
        found = [self._subscribers.by_id[who] for who in ids[:2]]
        return OldConsentsPage(found, ids[1] if len(ids) > 2 else "")


class House:
    """A list, its nights, its mails and the button in them."""

    def __init__(self, *people: Subscriber, years: int = 2, per_hour: int = 100) -> None:
        self.subscribers = MemorySubscribers(*people)
        self.queues, self.mailer = MemoryQueues(), MemoryMailer()
        self.policy = RenewalPolicy(years=years, per_hour=per_hour)
        self.per_hour = per_hour

    def night(self, now: datetime = NOW) -> tuple[int, int]:
        ports = RenewalPorts(MemoryOldConsents(self.subscribers), self.subscribers, self.queues, self.policy)
        pages: list[AskedForRenewals] = []
        while not pages or pages[-1].next_page:
            asked, bookmark = sum(page.asked for page in pages), pages[-1].next_page if pages else ""
            pages.append(ask_for_renewals(bookmark, asked_so_far=asked, ports=ports, now=now))
        return sum(page.asked for page in pages), sum(page.ended for page in pages)

    def mail(self, now: datetime = NOW) -> list[Greeted]:
        waiting = [greeting for greeting, _ in self.queues.greetings]
        self.queues.greetings.clear()
        ports = GreetPorts(
            self.subscribers, MemorySuppressions(), lambda: None, MemoryCounters(), MemoryDisposable(),
            MemoryAddressInsights(), self.mailer, PlainMails(),
            dict.fromkeys(Lane, MemoryConfirmationHold()), self.queues, no_network_held,
        )  # fmt: skip
        policy = Policy(proof_of_work=True, per_network=100, per_hour=self.per_hour)
        return [
            greet(each, ports=ports, links=LINKS, reply_to="e@example.org", policy=policy, now=now) for each in waiting
        ]

    def press(self, *, made_at: datetime = NOW, now: datetime = NOW + DAY, number: int = 1) -> Confirmed:
        token = Token(an_id(number), made_at, Purpose.RENEW)
        ports = SignUpPorts(self.subscribers, MemorySuppressions(), self.queues)
        words = {"": "Yes, keep sending me it", "de": "Ja"}.__getitem__
        return renew_consent(Press(token, "192.0.2.10"), ports=ports, words_in=words, seal_key=SEAL, now=now)

    def stored(self, number: int = 1) -> Subscriber:
        return self.subscribers.by_id[an_id(number)]


def test_an_old_consent_brings_one_mail_and_its_button_a_new_receipt() -> None:
    house = House(reader(lang="de"))

    assert house.night() == (1, 0)
    assert house.mail() == [Greeted.MAILED]
    (mail,) = house.mailer.outbox
    assert (mail.kind, mail.subscriber_id) == ("renewal", an_id(1))
    assert house.stored().renewal_asked_at == NOW
    confirmed = house.press()

    assert (confirmed.already, confirmed.renewed, confirmed.moved) == (False, True, False)
    receipt = house.stored().consent
    assert receipt is not None
    assert receipt.holds(SEAL)
    assert (receipt.asked_at, receipt.confirmed_at, receipt.page) == (NOW, NOW + DAY, "renewal")
    assert receipt.words == "Ja"
    assert receipt.form_version.startswith("de-")
    assert receipt.confirmed_network
    assert house.stored().renewal_asked_at is None
    assert house.stored().confirmed_at == reader().confirmed_at, "nobody joined"
    assert house.press(now=NOW + 2 * DAY).already
    assert house.night(NOW + 40 * DAY) == (0, 0)
    assert house.night(NOW + DAY + 2 * YEAR) == (1, 0), "a receipt grows old too"


def test_silence_for_thirty_days_is_leaving_and_the_clock_of_forgetting_goes_on_from_there() -> None:
    house = House(reader())
    house.night()
    house.mail()

    assert house.night(NOW + RENEW_WITHIN) == (0, 0), "the link works to the last second"
    assert house.night(NOW + 31 * DAY) == (0, 1)

    gone = house.stored()
    assert (gone.status, gone.left_at, gone.left_because) == (Status.UNSUBSCRIBED, NOW + 31 * DAY, NOT_RENEWED)
    assert NOT_RENEWED not in LEAVING_REASONS
    assert gone.renewal_asked_at is None
    assert is_to_be_forgotten(gone, RetentionPolicy(), now=NOW + 62 * DAY)
    assert tombstone(gone).left_because == ""
    with pytest.raises(ExpiredTokenError):
        house.press(now=NOW + 31 * DAY)


@pytest.mark.parametrize(
    "person",
    [
        reader(days=729),
        reader(suppressed=True),
        reader(suppressed=True, renewal_asked_at=NOW - 99 * DAY),
        reader(status=Status.UNSUBSCRIBED, left_at=NOW - DAY),
        reader(status=Status.UNCONFIRMED, confirmed_at=None),
        reader(renewal_asked_at=NOW - 29 * DAY),
        reader(confirmed_at=NOW - DAY),  # took an unsubscription back
    ],
    ids=["young", "suppressed", "bounced", "left", "unconfirmed", "asked", "undone"],
)
def test_nobody_else_is_asked_or_ended(person: Subscriber) -> None:
    house = House(person)

    assert house.night() == (0, 0)
    assert house.stored() == replace(person, version=1)


@pytest.mark.parametrize("asked", [None, NOW - 99 * DAY])
def test_zero_years_change_nothing(asked: datetime | None) -> None:
    person = reader(days=9999, renewal_asked_at=asked)
    house = House(person, years=0)

    assert house.night() == (0, 0)
    assert house.queues.greetings == []
    assert house.stored() == replace(person, version=1)


def test_a_record_that_names_no_confirmation_counts_from_its_sign_up() -> None:
    assert House(reader(confirmed_at=None, consent=None)).night() == (1, 0)
    assert House(reader(confirmed_at=None, consent=None, signed_up_at=NOW - DAY)).night() == (0, 0)


def test_requests_that_pile_up_mail_once() -> None:
    house = House(reader())
    house.night()
    house.night(NOW + timedelta(hours=1))

    assert house.mail(NOW + timedelta(hours=2)) == [Greeted.MAILED, Greeted.NOT_DUE]


def test_a_request_that_waited_while_the_reader_answered_or_left_mails_nobody() -> None:
    house = House(reader(1), reader(2))
    house.night()
    house.press(made_at=NOW - DAY)
    unsubscribe(an_id(2), subscribers=house.subscribers, now=NOW)

    assert house.mail(NOW + 2 * DAY) == [Greeted.NOT_DUE, Greeted.NOT_DUE]


@pytest.mark.parametrize("error", [SendRejectedError("no"), SendThrottledError("later")])
def test_a_mail_that_did_not_leave_ends_nobody(error: Exception) -> None:
    house = House(reader())
    house.night()
    house.mailer.failure = error
    refused = isinstance(error, SendRejectedError)
    assert house.mail() == [Greeted.REFUSED if refused else Greeted.UNTAKEN]

    assert house.stored().renewal_asked_at is None
    assert house.night(NOW + 31 * DAY) == (1, 0), "asked anew, not ended"


def test_a_night_asks_no_more_than_a_day_has_room_for_and_an_hour_mails_its_share() -> None:
    house = House(*(reader(number) for number in range(1, 31)), per_hour=1)

    assert house.night() == (20, 0)
    assert house.mail().count(Greeted.MAILED) == 1
    assert len(house.queues.greetings) == 19


def test_a_lower_number_of_years_that_was_raised_again_ends_nobody_without_a_mail() -> None:
    """The mail of the time when one year was enough says nothing once it is five."""
    house = House(reader(days=5 * 365 + 1, renewal_asked_at=NOW - 3 * YEAR), years=5)

    assert house.night() == (1, 0)
    assert house.mail() == [Greeted.MAILED]
    assert house.night(NOW + 31 * DAY) == (0, 1)


def test_the_button_brings_nobody_back_and_obeys_whoever_ended_older_links() -> None:
    house = House(
        reader(1, status=Status.UNSUBSCRIBED, left_at=NOW), reader(2, links_since=NOW + DAY),
        replace(reader(3), email="", status=Status.UNSUBSCRIBED, moved_to=an_id(4)), reader(4),
    )  # fmt: skip

    for number in (1, 2, 3, 9):
        with pytest.raises(ExpiredTokenError):
            house.press(number=number)


def test_a_link_to_renew_lives_for_thirty_days_and_no_key_out_of_use_opens_it() -> None:
    keys = SigningKeys("third", "second", ("first",))
    token = sign(Purpose.RENEW, an_id(1), keys, now=NOW)

    assert len(token) == 48
    assert read(Purpose.RENEW, token, keys, now=NOW + RENEW_WITHIN).subscriber_id == an_id(1)
    with pytest.raises(ExpiredTokenError):
        read(Purpose.RENEW, token, keys, now=NOW + RENEW_WITHIN + timedelta(seconds=1))
    with pytest.raises(InvalidTokenError):
        read(Purpose.RENEW, sign(Purpose.RENEW, an_id(1), SigningKeys("first"), now=NOW), keys, now=NOW)


def test_the_table_is_read_by_page_for_those_whose_consent_is_old(dynamodb: Any) -> None:
    subscribers = DynamoSubscribers(dynamodb, "SubscribersTable")
    renewed = replace(reader(2), consent=Consent(asked_at=NOW, confirmed_at=NOW))
    people = [
        reader(1), renewed, reader(3, days=10), reader(4, suppressed=True), reader(5, consent=None),
        reader(6, status=Status.UNSUBSCRIBED, left_at=NOW), reader(7, confirmed_at=None, consent=None),
    ]  # fmt: skip
    for each in people:
        assert subscribers.save(each)

    page = DynamoOldConsents(dynamodb, "SubscribersTable", subscribers).page("", given_before=NOW - 2 * YEAR)

    assert {each.subscriber_id for each in page.subscribers} == {an_id(1), an_id(5), an_id(7)}
    assert page.next_page == ""


class Years(RuleBasedStateMachine):
    """A list over the years, with two people on it: nights, mails that wait or fail, buttons, leaving."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.house = House(reader(1, days=10), reader(2, days=700))
        self.mailed: dict[str, list[datetime]] = {an_id(1): [], an_id(2): []}
        self.answered: dict[str, datetime] = {}

    @rule(days=st.sampled_from([0.1, 1, 15, 31, 200, 400, 731]))
    def wait(self, days: float) -> None:
        self.now += days * DAY

    @rule()
    def night(self) -> None:
        before = dict(self.house.subscribers.by_id)
        self.house.night(self.now)
        for who, record in self.house.subscribers.by_id.items():
            if record.status is Status.UNSUBSCRIBED and before[who].status is Status.CONFIRMED:
                assert self.mailed[who], "nobody leaves who was not mailed"
                asked = self.mailed[who][-1]
                assert self.now - asked > RENEW_WITHIN
                assert self.answered.get(who, NOW - YEAR * 9) < asked, "nobody leaves who pressed the button"

    @rule(fails=st.booleans())
    def mail(self, *, fails: bool) -> None:
        if fails and self.house.queues.greetings:
            self.house.mailer.failure = SendRejectedError("no")
        before = len(self.house.mailer.outbox)
        self.house.mail(self.now)
        self.house.mailer.failure = None
        for mail in self.house.mailer.outbox[before:]:
            assert all(self.now - earlier >= YEAR for earlier in self.mailed[mail.subscriber_id]), "mailed twice"
            self.mailed[mail.subscriber_id].append(self.now)

    @precondition(lambda self: any(self.mailed.values()))
    @rule(number=st.sampled_from([1, 2]))
    def press(self, number: int) -> None:
        who = an_id(number)
        if not self.mailed[who] or self.now - self.mailed[who][-1] > RENEW_WITHIN:
            return
        if self.house.stored(number).status is Status.CONFIRMED:
            self.house.press(made_at=self.mailed[who][-1], now=self.now, number=number)
            self.answered[who] = self.now

    @invariant()
    def receipts_hold(self) -> None:
        for record in self.house.subscribers.by_id.values():
            assert record.consent is not None
            assert record.consent.holds(SEAL)


TestYears = Years.TestCase
TestYears.settings = settings(max_examples=40, stateful_step_count=25)
