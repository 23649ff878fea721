"""The buttons: confirm, leave, undo, pause, change, move, erase. Pressing twice is pressing once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from newsletter.core.link_token import Purpose, Token
from newsletter.core.slot import Rhythm
from newsletter.errors import ExpiredTokenError, InvalidRequestError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import latest_issue
from newsletter.issues.domain.public_version import public_version
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.greeting import Greeted, Greeting, Occasion
from newsletter.readers.domain.limits import Lane, Policy
from newsletter.readers.domain.link_rights import Confirmed, Press
from newsletter.readers.domain.move import Move
from newsletter.readers.domain.preferences import PreferencesAction, PreferencesForm
from newsletter.readers.domain.subscriber import Status, Subscriber, sign_up
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.readers.jobs import preferences
from newsletter.readers.jobs.complete_move import complete_move
from newsletter.readers.jobs.confirm import confirm
from newsletter.readers.jobs.greet import greet
from newsletter.readers.jobs.unsubscribe import give_reason, rest, undo, unsubscribe
from newsletter.readers.limiter import Limiter
from newsletter.readers.ports import GreetPorts, PreferencePorts, SignUpPorts
from tests.core.fakes import NOW, MemoryCounters, MemoryMailer, PlainMails
from tests.factories import LINKS, record, subscriber
from tests.issues.fakes import MemoryIssues
from tests.readers.fakes import (
    MemoryAddressInsights,
    MemoryConfirmationHold,
    MemoryDisposable,
    MemorySubscribers,
    MemorySuppressions,
    PlainAddresses,
    no_network_held,
)
from tests.sending.fakes import MemoryQueues

SEAL = "key of the seals"
POLICY = Policy(proof_of_work=True, per_network=100, per_hour=100)
TODAY = date(2026, 12, 1)
TOPICS = ("bins", "housing", "rates")
MINUTE = timedelta(minutes=1)
ADDRESSES = PlainAddresses()
OLD, NEW = "ada@example.org", "countess@example.org"


def id_of(email: str) -> str:
    return ADDRESSES.subscriber_id(ADDRESSES.mailbox(email))


ADA = subscriber(subscriber_id=id_of(OLD), email=OLD, name="Ada")
UNCONFIRMED = replace(
    ADA, status=Status.UNCONFIRMED, confirmed_at=None, consent=Consent(asked_at=NOW, page="/").sealed(SEAL)
)
TOKEN = Token(ADA.subscriber_id, NOW, Purpose.CONFIRM)
LEAVING = Token(ADA.subscriber_id, NOW, Purpose.UNSUBSCRIBE)
FOOTER = Token(ADA.subscriber_id, NOW, Purpose.PREFERENCES)
ACCOUNT = Token(ADA.subscriber_id, NOW, Purpose.ACCOUNT)


RHYTHM = Rhythm(anchor=date(2026, 12, 1), time_zone=ZoneInfo("Europe/London"))


@dataclass
class House:
    """Everything a button can touch."""

    subscribers: MemorySubscribers
    suppressions: MemorySuppressions = field(default_factory=MemorySuppressions)
    mailer: MemoryMailer = field(default_factory=MemoryMailer)
    queues: MemoryQueues = field(default_factory=MemoryQueues)
    issues: MemoryIssues = field(default_factory=MemoryIssues)

    def __post_init__(self) -> None:
        self.suppressions.subscribers = self.subscribers

    @classmethod
    def of(cls, *known: Subscriber) -> House:
        return cls(MemorySubscribers(*known))

    @property
    def ports(self) -> GreetPorts:
        return GreetPorts(
            self.subscribers,
            self.suppressions,
            lambda: latest_issue(
                self.issues.with_status(IssueStatus.SENT),
                partial(public_version, rhythm=RHYTHM, needs_approval=False, now=NOW),
            ),
            MemoryCounters(),
            MemoryDisposable(),
            MemoryAddressInsights(),
            self.mailer,
            PlainMails(),
            dict.fromkeys(Lane, MemoryConfirmationHold()),
            self.queues,
            no_network_held,
        )

    @property
    def preference_ports(self) -> PreferencePorts:
        limiter = Limiter(MemoryCounters(), POLICY, SEAL)
        return PreferencePorts(
            self.subscribers, self.suppressions, self.queues, ADDRESSES, limiter, lambda: TOPICS, seal_key=SEAL
        )

    @property
    def sign_up_ports(self) -> SignUpPorts:
        return SignUpPorts(self.subscribers, self.suppressions, self.queues)

    def confirm(self, token: Token = TOKEN, now: datetime = NOW) -> Confirmed:
        return confirm(Press(token, "192.0.2.10"), ports=self.sign_up_ports, seal_key=SEAL, now=now)

    def move(self, email: str = NEW) -> None:
        preferences.move(ACCOUNT, email, ports=self.preference_ports, now=NOW)

    def move_in(self, email: str = NEW, *, made_at: datetime = NOW) -> Confirmed:
        press = Press(Token(ADA.subscriber_id, made_at, Purpose.MOVE, id_of(email)), "192.0.2.10")
        return complete_move(press, ports=self.sign_up_ports, seal_key=SEAL, now=NOW)

    def greet_all(self) -> list[str]:
        waiting = [greeting for greeting, _ in self.queues.greetings]
        self.queues.greetings.clear()
        return [self._greet(each) for each in waiting]

    def _greet(self, greeting: Greeting) -> str:
        """Return which email left, or what became of the request instead."""
        before = len(self.mailer.outbox)
        greeted = greet(greeting, ports=self.ports, links=LINKS, reply_to="e@example.org", policy=POLICY, now=NOW)
        left = self.mailer.outbox[before:]
        assert len(left) == (greeted is Greeted.MAILED)
        return left[0].kind if left else greeted

    def erase(self, token: Token = TOKEN) -> bool:
        return preferences.erase(
            token.subscriber_id, subscribers=self.subscribers, suppressions=self.suppressions, now=NOW
        )

    def stored(self, email: str = OLD) -> Subscriber:
        found = self.subscribers.get(id_of(email))
        assert found is not None
        return found


def test_the_confirm_button_puts_the_reader_into_the_audience_and_completes_the_receipt() -> None:
    house = House.of(UNCONFIRMED)

    assert not house.confirm().already

    stored = house.stored()
    assert stored.in_audience
    assert stored.consent is not None
    assert stored.consent.confirmed_at == NOW
    assert stored.consent.confirmed_network
    assert stored.consent.holds(SEAL)


def test_a_second_click_on_the_confirm_link_changes_nothing() -> None:
    house = House.of(UNCONFIRMED)
    house.confirm()
    before = house.stored()

    assert house.confirm(now=NOW + MINUTE).already
    assert house.stored() == before


def test_the_welcome_links_to_the_latest_issue_that_was_sent_and_lets_the_reader_leave() -> None:
    house = House.of(UNCONFIRMED)
    house.issues.by_slug["taken-back"] = record(slug="taken-back", status=IssueStatus.SENT, withdrawn=True)
    house.issues.by_slug["latest"] = record(slug="latest", status=IssueStatus.SENT, title="The latest")

    house.confirm()
    house.confirm()

    assert house.greet_all() == ["welcome"]
    (mail,) = house.mailer.outbox
    assert "The latest" in mail.mail.text
    assert dict(mail.headers)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_welcome_is_mailed_once_however_often_its_message_is_delivered() -> None:
    house = House.of(UNCONFIRMED)
    house.confirm()
    house.queues.greetings *= 2

    assert house.greet_all() == ["welcome", "none"]


def test_an_erased_reader_who_confirms_again_is_no_longer_suppressed() -> None:
    house = House.of(UNCONFIRMED)
    house.suppressions.add(Suppression(ADA.subscriber_id, SuppressionReason.ERASED, NOW))

    house.confirm()

    assert house.suppressions.get(ADA.subscriber_id) is None


def test_a_link_older_than_the_wish_to_be_forgotten_confirms_nobody() -> None:
    house = House.of(UNCONFIRMED)
    forgotten = Suppression(ADA.subscriber_id, SuppressionReason.ERASED, NOW + MINUTE)
    house.suppressions.add(forgotten)

    with pytest.raises(ExpiredTokenError):
        house.confirm(now=NOW + 2 * MINUTE)
    assert house.suppressions.get(ADA.subscriber_id) == forgotten


@pytest.mark.parametrize("reason", [SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT])
def test_whoever_bounced_or_complained_about_the_confirmation_cannot_be_confirmed(reason: SuppressionReason) -> None:
    house = House.of(UNCONFIRMED)
    house.suppressions.add(Suppression(ADA.subscriber_id, reason, NOW))

    with pytest.raises(ExpiredTokenError):
        house.confirm()
    assert not house.stored().in_audience
    assert house.greet_all() == []


@pytest.mark.parametrize("known", [[], [replace(ADA, status=Status.UNSUBSCRIBED, left_at=NOW + MINUTE)]])
def test_a_confirm_link_of_somebody_who_left_or_is_gone_confirms_nobody(known: list[Subscriber]) -> None:
    house = House.of(*known)

    with pytest.raises(ExpiredTokenError, match="sign up again"):
        house.confirm()
    assert not any(each.in_audience for each in house.subscribers.by_id.values())


def test_leaving_takes_one_click_and_a_second_changes_nothing() -> None:
    house = House.of(ADA)

    assert unsubscribe(ADA.subscriber_id, subscribers=house.subscribers, now=NOW)
    assert not unsubscribe(ADA.subscriber_id, subscribers=house.subscribers, now=NOW + timedelta(days=1))
    assert house.stored().left_at == NOW


def test_leaving_a_list_one_is_not_on_is_no_error() -> None:
    assert not unsubscribe(ADA.subscriber_id, subscribers=MemorySubscribers(), now=NOW)


def test_somebody_may_leave_before_they_confirmed_and_their_confirm_link_is_dead() -> None:
    house = House.of(UNCONFIRMED)

    assert unsubscribe(ADA.subscriber_id, subscribers=house.subscribers, now=NOW + MINUTE)
    with pytest.raises(ExpiredTokenError):
        house.confirm(now=NOW + 2 * MINUTE)


def test_leaving_can_be_taken_back_on_the_same_page_within_the_hour() -> None:
    house = House.of(ADA)
    unsubscribe(ADA.subscriber_id, subscribers=house.subscribers, now=NOW)

    assert undo(LEAVING, subscribers=house.subscribers, now=NOW + 60 * MINUTE).in_audience

    unsubscribe(ADA.subscriber_id, subscribers=house.subscribers, now=NOW)
    with pytest.raises(ExpiredTokenError, match="too late"):
        undo(LEAVING, subscribers=house.subscribers, now=NOW + 61 * MINUTE)


def test_a_pause_outlives_a_leaving_that_was_a_mistake_and_not_a_new_consent() -> None:
    house = House.of(replace(ADA, rests_until=date(2027, 1, 1)))
    unsubscribe(ADA.subscriber_id, subscribers=house.subscribers, now=NOW)

    assert undo(LEAVING, subscribers=house.subscribers, now=NOW).rests_until == date(2027, 1, 1)


def test_a_write_between_the_look_and_the_mark_does_not_swallow_the_mail() -> None:
    house = House.of(ADA)

    class Busy(MemorySubscribers):
        """The reader saves something in the very moment a greeting is looked at."""

        def get(self, subscriber_id: str) -> Subscriber | None:
            found = super().get(subscriber_id)
            if found is not None and not found.name.endswith("!"):
                self.by_id[subscriber_id] = replace(found, name=f"{found.name}!", version=found.version + 1)
            return found

    house.subscribers = Busy(replace(ADA, move=Move(new_id=id_of(NEW), email=NEW, asked_at=NOW)))
    house.queues.greet(Greeting(Occasion.MOVING, ADA.subscriber_id, NOW))

    assert house.greet_all() == ["address_change_notice"]


def test_undo_makes_nobody_a_subscriber_who_never_confirmed() -> None:
    house = House.of(UNCONFIRMED)
    unsubscribe(ADA.subscriber_id, subscribers=house.subscribers, now=NOW)

    with pytest.raises(ExpiredTokenError):
        undo(LEAVING, subscribers=house.subscribers, now=NOW)
    assert not house.stored().in_audience


def test_a_reason_for_leaving_is_one_tap_and_one_of_ours() -> None:
    house = House.of(ADA)
    give_reason(ADA.subscriber_id, "too_many", subscribers=house.subscribers)
    assert house.stored().left_because == ""

    unsubscribe(ADA.subscriber_id, subscribers=house.subscribers, now=NOW)
    give_reason(ADA.subscriber_id, "too_many", subscribers=house.subscribers)
    assert house.stored().left_because == "too_many"
    with pytest.raises(InvalidRequestError):
        give_reason(ADA.subscriber_id, "<script>", subscribers=house.subscribers)


def test_a_pause_ends_on_its_day_and_is_never_longer_than_a_year() -> None:
    house = House.of(ADA)

    assert rest(LEAVING, date(2027, 1, 12), subscribers=house.subscribers, today=TODAY, now=NOW) == date(2027, 1, 12)
    assert house.stored().is_resting(date(2027, 1, 11))
    assert not house.stored().is_resting(date(2027, 1, 12))
    assert rest(LEAVING, date(2099, 1, 1), subscribers=house.subscribers, today=TODAY, now=NOW) == date(2027, 12, 2)
    assert rest(LEAVING, date(2020, 1, 1), subscribers=house.subscribers, today=TODAY, now=NOW) is None
    assert rest(LEAVING, None, subscribers=house.subscribers, today=TODAY, now=NOW) is None


def test_only_a_subscriber_can_pause() -> None:
    house = House.of(UNCONFIRMED)

    with pytest.raises(ExpiredTokenError):
        rest(LEAVING, date(2027, 1, 1), subscribers=house.subscribers, today=TODAY, now=NOW)


def test_name_language_and_topics_are_the_readers_own() -> None:
    house = House.of(ADA)

    form = PreferencesForm(
        action=PreferencesAction.SAVE, name="  Ada\nLovelace ", lang="cy", topics=frozenset({"housing"})
    )
    preferences.save(ACCOUNT, form, subscribers=house.subscribers, topics_of_issues=TOPICS, now=NOW)

    stored = house.stored()
    assert (stored.name, stored.lang, stored.muted_topics) == ("Ada Lovelace", "cy", ("bins", "rates"))
    assert stored.has_muted(["rates"])
    assert not stored.has_muted(["rates", "housing"])
    assert not stored.has_muted([])


def test_a_new_address_takes_over_only_when_it_is_confirmed_and_the_old_one_is_told() -> None:
    house = House.of(ADA)

    house.move()
    assert house.greet_all() == ["address_change_confirm", "address_change_notice"]
    assert [mail.to for mail in house.mailer.outbox] == [NEW, OLD]
    assert NEW not in house.mailer.outbox[1].mail.text
    assert house.stored(OLD).in_audience
    assert house.subscribers.get(id_of(NEW)) is None

    assert house.move_in().moved
    assert house.stored(NEW).in_audience
    assert house.stored(NEW).name == "Ada"
    receipt = house.stored(NEW).consent
    assert receipt is not None
    assert receipt.holds(SEAL)
    assert house.queues.greetings == [], "whoever moved is not welcomed as new"
    signpost = house.stored(OLD)
    assert (signpost.email, signpost.name, signpost.in_audience) == ("", "", False)
    assert signpost.moved_to == id_of(NEW)


def moved_house() -> House:
    house = House.of(ADA)
    house.move()
    house.greet_all()
    house.move_in()
    return house


def test_an_old_unsubscribe_link_still_works_after_a_change_of_address() -> None:
    house = moved_house()

    assert unsubscribe(ADA.subscriber_id, subscribers=house.subscribers, now=NOW + MINUTE)

    assert not house.stored(NEW).in_audience


def test_an_old_link_lets_nobody_leave_who_moved_to_that_address_later() -> None:
    house = moved_house()
    unsubscribe(id_of(NEW), subscribers=house.subscribers, now=NOW)
    ben = subscriber(2, subscriber_id=id_of("ben@example.org"), email="ben@example.org")
    house.subscribers.save(ben)
    preferences.move(
        Token(ben.subscriber_id, NOW, Purpose.ACCOUNT), NEW, ports=house.preference_ports, now=NOW + MINUTE
    )
    press = Press(Token(ben.subscriber_id, NOW + MINUTE, Purpose.MOVE, id_of(NEW)), "")
    complete_move(press, ports=house.sign_up_ports, seal_key=SEAL, now=NOW + MINUTE)
    assert house.stored(NEW).in_audience

    unsubscribe(ADA.subscriber_id, subscribers=house.subscribers, now=NOW + MINUTE)

    assert house.stored(NEW).in_audience


def test_a_strangers_sign_up_of_the_old_address_does_not_cut_old_links_off() -> None:
    house = moved_house()
    again = sign_up(
        house.stored(OLD),
        subscriber_id=id_of(OLD),
        email=OLD,
        name="",
        lang="",
        consent=Consent(asked_at=NOW, page="/"),
    )
    house.subscribers.save(again)

    assert unsubscribe(ADA.subscriber_id, subscribers=house.subscribers, now=NOW + MINUTE)
    assert not house.stored(NEW).in_audience


def test_after_a_move_an_old_link_may_only_leave() -> None:
    house = moved_house()
    before = house.stored(NEW)

    with pytest.raises(ExpiredTokenError):
        preferences.show(ACCOUNT, subscribers=house.subscribers, now=NOW)
    with pytest.raises(ExpiredTokenError):
        preferences.rest(FOOTER, date(2027, 1, 1), subscribers=house.subscribers, today=TODAY, now=NOW)
    with pytest.raises(ExpiredTokenError):
        rest(LEAVING, date(2027, 1, 1), subscribers=house.subscribers, today=TODAY, now=NOW)
    with pytest.raises(ExpiredTokenError):
        house.move("third@example.org")
    form = PreferencesForm(action=PreferencesAction.SAVE, name="Mallory")
    with pytest.raises(ExpiredTokenError):
        preferences.save(ACCOUNT, form, subscribers=house.subscribers, topics_of_issues=TOPICS, now=NOW)
    form = PreferencesForm(action=PreferencesAction.ERASE)
    with pytest.raises(ExpiredTokenError):
        preferences.answer_form(form, ACCOUNT, "", ports=house.preference_ports, today=TODAY, now=NOW)
    assert house.stored(NEW) == before

    unsubscribe(ADA.subscriber_id, subscribers=house.subscribers, now=NOW)
    with pytest.raises(ExpiredTokenError):
        undo(LEAVING, subscribers=house.subscribers, now=NOW)
    assert not house.stored(NEW).in_audience


def test_an_erasure_leaves_nothing_of_a_move_that_was_asked_for() -> None:
    house = House.of(ADA)
    house.move()

    assert house.erase()
    assert house.greet_all() == ["none", "none"]
    assert house.subscribers.by_id == {}
    assert set(house.suppressions.by_id) == {id_of(OLD)}
    with pytest.raises(ExpiredTokenError):
        house.move_in()


def test_an_erasure_takes_the_signposts_at_former_addresses_along() -> None:
    house = moved_house()

    assert house.erase(Token(id_of(NEW), NOW, Purpose.CONFIRM))

    assert house.subscribers.by_id == {}
    assert set(house.suppressions.by_id) == {id_of(OLD), id_of(NEW)}


def test_an_erasure_takes_along_the_new_address_that_an_older_version_wrote_down() -> None:
    pending = replace(ADA, subscriber_id=id_of(NEW), email=NEW, status=Status.UNCONFIRMED, moves_from=id_of(OLD))
    house = House.of(replace(ADA, moving_to=id_of(NEW)), pending)

    assert house.erase()
    assert house.subscribers.by_id == {}


def test_a_move_that_an_older_version_wrote_down_is_confirmed_as_a_sign_up_and_moves_nobody() -> None:
    pending = replace(
        ADA, subscriber_id=id_of(NEW), email=NEW, status=Status.UNCONFIRMED, confirmed_at=None, moves_from=id_of(OLD)
    )
    house = House.of(replace(ADA, moving_to=id_of(NEW)), pending)

    house.confirm(Token(id_of(NEW), NOW, Purpose.CONFIRM))

    assert house.stored(NEW).in_audience
    assert house.stored(OLD).in_audience
    assert house.stored(OLD).moved_to == ""


def test_a_move_that_was_cut_off_after_the_first_write_is_finished_by_the_second_click() -> None:
    house = moved_house()
    move = Move(new_id=id_of(NEW), email=NEW, asked_at=NOW)
    house.subscribers.by_id[id_of(OLD)] = replace(ADA, move=move, version=1)

    house.move_in()

    assert [each.email for each in house.subscribers.by_id.values() if each.in_audience] == [NEW]
    assert house.stored(OLD).moved_to == id_of(NEW)
    assert house.move_in().already


def test_moving_to_an_address_that_is_on_the_list_changes_nothing_and_tells_nothing() -> None:
    other = subscriber(subscriber_id=id_of(NEW), email=NEW, name="Somebody else")
    house = House.of(ADA, other)

    house.move()

    assert house.greet_all() == ["none", "address_change_notice"]
    assert house.stored(NEW) == replace(other, version=1)
    assert house.stored(OLD).in_audience


def test_who_moves_to_an_address_that_became_a_readers_own_meanwhile_just_leaves() -> None:
    house = House.of(ADA)
    house.move()
    other = replace(subscriber(subscriber_id=id_of(NEW), email=NEW, name="Jane"), version=1)
    house.subscribers.by_id[id_of(NEW)] = other

    assert house.move_in().already

    assert house.stored(NEW) == other
    assert (house.stored(OLD).status, house.stored(OLD).moved_to) == (Status.UNSUBSCRIBED, "")


def test_a_link_to_move_speaks_for_the_last_request_alone() -> None:
    house = House.of(ADA)
    house.move()
    house.move("third@example.org")

    with pytest.raises(ExpiredTokenError):
        house.move_in()
    assert house.stored(OLD).in_audience


def test_moving_to_a_suppressed_address_mails_nobody_there() -> None:
    house = House.of(ADA)
    house.suppressions.add(Suppression(id_of(NEW), SuppressionReason.COMPLAINT, NOW))

    house.move()

    assert house.greet_all() == ["none", "address_change_notice"]


def test_whoever_left_cannot_move() -> None:
    house = House.of(replace(ADA, status=Status.UNSUBSCRIBED))

    with pytest.raises(ExpiredTokenError):
        house.move()


def test_erasure_leaves_a_keyed_hash_and_nothing_else() -> None:
    house = House.of(ADA)

    assert house.erase()

    assert house.subscribers.by_id == {}
    tombstone = house.suppressions.get(ADA.subscriber_id)
    assert tombstone == Suppression(ADA.subscriber_id, SuppressionReason.ERASED, NOW)
    assert not house.erase()


def test_when_confirm_and_erase_meet_the_erasure_stands() -> None:
    house = House.of(UNCONFIRMED)

    class Overtaken(MemorySubscribers):
        """The confirm button is pressed between the read and the delete of the erasure."""

        def erase(self, subscriber: Subscriber) -> bool:
            if self.by_id[subscriber.subscriber_id].status is Status.UNCONFIRMED:
                house.subscribers = self
                house.confirm()
            return super().erase(subscriber)

    overtaken = house.suppressions.subscribers = Overtaken(UNCONFIRMED)
    preferences.erase(ADA.subscriber_id, subscribers=overtaken, suppressions=house.suppressions, now=NOW)

    assert overtaken.by_id == {}


def test_the_page_of_somebody_we_do_not_hold_says_so() -> None:
    with pytest.raises(ExpiredTokenError, match="nothing"):
        preferences.show(ACCOUNT, subscribers=MemorySubscribers(), now=NOW)


def test_a_greeting_to_somebody_who_is_gone_mails_nobody() -> None:
    house = House.of()
    house.queues.greet(Greeting(Occasion.MOVING, ADA.subscriber_id, NOW))

    assert house.greet_all() == ["none"]
