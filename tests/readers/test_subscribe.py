"""Sign-up: the wish is recorded and sealed, the mailbox is asked, and nobody can tell who was on the list."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock

import pytest

from newsletter.core.link_token import Purpose, read
from newsletter.errors import InvalidEmailError, SendRejectedError, SendThrottledError, StoreBusyError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import IssueRecord, latest_issue
from newsletter.readers.domain.confirmation_hold import ConfirmationHold
from newsletter.readers.domain.greeting import (
    UNWRITTEN,
    UNWRITTEN_DELAY,
    Greeted,
    Greeting,
    Occasion,
    next_look,
)
from newsletter.readers.domain.limits import Lane, Policy, network_name
from newsletter.readers.domain.sign_up import SignUp
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.readers.domain.takeover import Imported, Row
from newsletter.readers.jobs.greet import greet
from newsletter.readers.jobs.import_subscribers import import_subscribers
from newsletter.readers.jobs.remind import remind
from newsletter.readers.jobs.subscribe import subscribe
from newsletter.readers.ports import GreetPorts, ImportPorts, SignUpPorts
from tests.core.fakes import NOW, MemoryCounters, MemoryMailer, PlainMails
from tests.factories import KEYS, LINKS, subscriber
from tests.issues.fakes import MemoryIssues
from tests.readers.fakes import (
    MemoryAddressInsights,
    MemoryConfirmationHold,
    MemoryDisposable,
    MemoryNewcomers,
    MemorySubscribers,
    MemorySuppressions,
    PlainAddresses,
    no_network_held,
)
from tests.sending.fakes import MemoryQueues

SEAL = "key of the seals"
ADA = "ada@example.org"
WORDS = "Anfonwch y briff ataf, os gwelwch yn dda"
DAY = timedelta(days=1)


@dataclass
class Desk:
    """The sign-up desk of a test."""

    subscribers: MemorySubscribers = field(default_factory=MemorySubscribers)
    suppressions: MemorySuppressions = field(default_factory=MemorySuppressions)
    mailer: MemoryMailer = field(default_factory=MemoryMailer)
    queues: MemoryQueues = field(default_factory=MemoryQueues)
    addresses: PlainAddresses = field(default_factory=PlainAddresses)
    issues: MemoryIssues = field(default_factory=MemoryIssues)
    counters: MemoryCounters = field(default_factory=MemoryCounters)
    disposable: MemoryDisposable = field(default_factory=MemoryDisposable)
    address_insights: MemoryAddressInsights = field(default_factory=MemoryAddressInsights)
    confirmation_hold: MemoryConfirmationHold = field(default_factory=MemoryConfirmationHold)
    policy: Policy = Policy(proof_of_work=True, per_network=100, per_hour=100)

    def __post_init__(self) -> None:
        self.suppressions.subscribers = self.subscribers

    @property
    def greet_ports(self) -> GreetPorts:
        return GreetPorts(
            self.subscribers,
            self.suppressions,
            lambda: latest_issue(self.issues.with_status(IssueStatus.SENT), IssueRecord.as_cleared),
            self.counters,
            self.disposable,
            self.address_insights,
            self.mailer,
            PlainMails(),
            dict.fromkeys(Lane, self.confirmation_hold),
            self.queues,
            no_network_held,
        )

    def sign_up(self, email: str = ADA, name: str = "Ada", now: datetime = NOW) -> str:
        ports = SignUpPorts(self.subscribers, self.suppressions, self.queues)
        form = SignUp(email=email, name=name, source="/about", lang="cy", words=WORDS, network="192.0.2.10")
        return subscribe(form, addresses=self.addresses, ports=ports, seal_key=SEAL, delay=20, now=now)

    def greet(self, greeting: Greeting | None = None, now: datetime = NOW) -> str:
        """Return which email left, or what became of the request instead."""
        request, mailer = greeting or self.queues.greetings[-1][0], MemoryMailer(self.mailer.failure)
        ports = replace(self.greet_ports, mailer=mailer)
        greeted = greet(request, ports=ports, links=LINKS, reply_to="editors@example.org", policy=self.policy, now=now)
        self.mailer.outbox += mailer.outbox
        assert len(mailer.outbox) == (greeted is Greeted.MAILED)
        return mailer.outbox[0].kind if mailer.outbox else greeted

    def id_of(self, email: str = ADA) -> str:
        return self.addresses.subscriber_id(self.addresses.mailbox(email))

    def stored(self, email: str = ADA) -> Subscriber:
        found = self.subscribers.get(self.id_of(email))
        assert found is not None
        return found

    def suppress(self, reason: SuppressionReason) -> None:
        self.suppressions.add(Suppression(self.id_of(), reason, NOW))


def test_whoever_replied_to_an_issue_is_thanked_once_for_a_message_and_only_while_a_reader() -> None:
    desk, reply = Desk(), Occasion.REPLY
    who = desk.sign_up()
    assert desk.greet(Greeting(reply, who, NOW)) == "none"
    confirmed = replace(desk.stored(), status=Status.CONFIRMED, confirmed_at=NOW)
    assert desk.subscribers.save(confirmed)

    later = NOW + timedelta(minutes=5)
    assert [desk.greet(Greeting(reply, who, NOW), now=later) for _ in range(2)] == ["reply_thanks", "none"]


def test_a_new_reader_is_recorded_as_unconfirmed_and_gets_a_confirmation_link() -> None:
    desk = Desk()

    who = desk.sign_up()
    network = network_name("192.0.2.10", key=SEAL, now=NOW)
    assert desk.queues.greetings == [(Greeting(Occasion.SIGN_UP, who, NOW, network=network), 20)]
    assert desk.greet() == "confirmation"

    assert desk.stored().status is Status.UNCONFIRMED
    (mail,) = desk.mailer.outbox
    assert (mail.to, mail.kind, mail.subscriber_id) == (ADA, "confirmation", who)
    token = mail.mail.text.partition("confirm?token=")[2].split()[0].partition("&")[0]
    assert read(Purpose.CONFIRM, token, KEYS, now=NOW).subscriber_id == who


def test_the_receipt_says_when_where_and_to_which_words_and_cannot_be_changed_unnoticed() -> None:
    desk = Desk()
    desk.sign_up()

    consent = desk.stored().consent
    assert consent is not None
    assert (consent.asked_at, consent.page, consent.words) == (NOW, "/about", WORDS)
    assert consent.network
    assert "192.0.2.10" not in str(consent)
    assert consent.holds(SEAL)
    assert not consent.holds("another key")
    assert not replace(consent, page="/elsewhere").holds(SEAL)


def test_a_double_click_mails_once() -> None:
    desk = Desk()
    for _ in range(2):
        desk.sign_up()

    assert [desk.greet(greeting) for greeting, _ in desk.queues.greetings] == ["confirmation", "none"]


def test_the_same_message_of_the_queue_twice_mails_once() -> None:
    desk = Desk()
    desk.sign_up()

    assert [desk.greet(), desk.greet()] == ["confirmation", "none"]


def test_a_message_that_is_there_before_the_record_waits_for_it() -> None:
    """The form writes both at the same moment, and answers when both are done."""
    desk = Desk()
    early = Greeting(Occasion.SIGN_UP, desk.id_of(), NOW)

    assert desk.greet(early) == Greeted.UNWRITTEN
    assert desk.queues.greetings == [(early, UNWRITTEN_DELAY)]
    desk.sign_up()
    assert desk.greet(early, now=NOW + timedelta(seconds=3)) == "confirmation"


def test_nor_is_it_answered_by_what_the_record_said_before() -> None:
    desk = Desk()
    gone = subscriber(subscriber_id=desk.id_of(), email=ADA, status=Status.UNSUBSCRIBED, left_at=NOW - DAY)
    desk.subscribers.save(replace(gone, signed_up_at=NOW - 9 * DAY))
    early = Greeting(Occasion.SIGN_UP, desk.id_of(), NOW)

    assert desk.greet(early) == Greeted.UNWRITTEN
    desk.sign_up()
    assert desk.greet(early, now=NOW + timedelta(seconds=3)) == "confirmation"


def test_a_message_without_a_record_is_dropped_after_a_minute() -> None:
    """The write failed, and whoever sent the form was told so."""
    desk = Desk()
    alone = Greeting(Occasion.SIGN_UP, desk.id_of(), NOW)

    assert desk.greet(alone, now=NOW + timedelta(seconds=59)) == Greeted.UNWRITTEN
    assert desk.greet(alone, now=NOW + UNWRITTEN) == "none"


def known_reader(desk: Desk) -> Subscriber:
    desk.subscribers.save(subscriber(subscriber_id=desk.id_of(), email=ADA, name="Ada"))
    return desk.stored()


def test_a_reader_on_the_list_is_told_so_at_most_once_a_day_and_nothing_changes() -> None:
    desk = Desk()
    before = known_reader(desk)

    desk.sign_up(name="Eve")
    assert desk.greet() == "already_subscribed"
    desk.sign_up(now=NOW + DAY / 2)
    assert desk.greet(now=NOW + DAY / 2) == "none"
    desk.sign_up(now=NOW + DAY)
    assert desk.greet(now=NOW + DAY) == "already_subscribed"

    after = desk.stored()
    assert (after.name, after.status, after.consent) == (before.name, before.status, before.consent)


def test_a_late_copy_of_the_greeting_does_not_tell_who_just_confirmed_that_they_are_here_already() -> None:
    desk = Desk()
    desk.sign_up()
    desk.greet()
    desk.subscribers.save(replace(desk.stored(), status=Status.CONFIRMED, confirmed_at=NOW + timedelta(minutes=1)))

    assert desk.greet(now=NOW + timedelta(minutes=2)) == "none"


@pytest.mark.parametrize(
    "reason", [SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT, SuppressionReason.MANUAL]
)
def test_a_suppressed_address_is_neither_mailed_nor_recorded_and_the_same_is_queued(reason: SuppressionReason) -> None:
    desk = Desk()
    desk.suppress(reason)

    desk.sign_up()

    assert len(desk.queues.greetings) == 1
    assert desk.greet() == "none"
    assert desk.subscribers.by_id == {}
    assert desk.mailer.outbox == []


def test_an_erased_reader_can_come_back_in_person() -> None:
    desk = Desk()
    desk.suppress(SuppressionReason.ERASED)

    desk.sign_up()

    assert desk.greet() == "confirmation"


def test_a_mail_that_could_not_leave_leaves_with_the_next_delivery_of_the_message() -> None:
    desk = Desk()
    desk.sign_up()
    desk.mailer.failure = SendThrottledError("SES: too many requests")
    assert desk.greet() == Greeted.UNTAKEN
    desk.mailer.failure = None

    assert desk.queues.greetings[-1][0].mail_at == NOW, "it keeps its place in the hour"
    assert desk.greet(now=NOW + timedelta(seconds=60)) == "confirmation"


def test_a_bad_address_is_refused_and_nothing_is_recorded() -> None:
    desk = Desk()

    with pytest.raises(InvalidEmailError):
        desk.sign_up("no address")
    assert desk.subscribers.by_id == {}
    assert desk.queues.greetings == []


def test_whoever_asks_to_leave_by_address_gets_the_link_by_mail_and_nobody_else_does() -> None:
    desk = Desk()
    known_reader(desk)

    for email in (ADA, "stranger@example.org"):
        desk.queues.greet(Greeting(Occasion.LEAVE_LINK, desk.id_of(email), NOW))

    assert [desk.greet(greeting) for greeting, _ in desk.queues.greetings] == ["leave_link", "none"]
    (mail,) = desk.mailer.outbox
    assert mail.to == ADA
    assert "unsubscribe?token=" in mail.mail.text


def reminders(desk: Desk, now: datetime) -> int:
    return remind(
        ports=desk.greet_ports,
        waiting=desk.subscribers,
        links=LINKS,
        reminder_after=timedelta(days=3),
        unconfirmed_days=30,
        policy=desk.policy,
        now=now,
    )


def test_one_reminder_after_three_days_and_never_another() -> None:
    desk = Desk()
    desk.sign_up()
    desk.greet()

    assert [reminders(desk, NOW + days * DAY) for days in (1, 2, 3, 3, 4, 5)] == [0, 0, 1, 0, 0, 0]
    reminder = desk.mailer.outbox[-1]
    assert (reminder.kind, reminder.to) == ("reminder", ADA)


def test_a_clock_that_stood_still_over_the_weekend_forgets_nobody() -> None:
    desk = Desk()
    desk.sign_up()
    desk.greet()

    assert reminders(desk, NOW + 6 * DAY) == 1


def test_whoever_confirmed_or_left_or_is_suppressed_is_not_reminded() -> None:
    desk = Desk()
    desk.sign_up()
    desk.greet()
    desk.suppress(SuppressionReason.HARD_BOUNCE)

    assert reminders(desk, NOW + 3 * DAY) == 0


def imported(desk: Desk, **changes: object) -> Imported:
    who = desk.addresses.subscriber_id(desk.addresses.mailbox(ADA))
    row = Row(subscriber_id=who, email=ADA, name="Ada", confirmed_at=NOW - 100 * DAY, source="the old system's form")
    (outcome,) = import_subscribers(
        [replace(row, **changes)],  # type: ignore[arg-type]
        ports=ImportPorts(desk.subscribers, desk.suppressions, MemoryNewcomers(desk.subscribers, desk.suppressions)),
        seal_key=SEAL,
        keep_out=False,
        dry_run=False,
        now=NOW,
    )
    return outcome


def test_an_import_needs_evidence_of_consent() -> None:
    assert imported(Desk(), confirmed_at=None) is Imported.NO_EVIDENCE
    assert imported(Desk(), source="") is Imported.NO_EVIDENCE


def test_an_import_adds_once_with_the_evidence_as_the_receipt() -> None:
    desk = Desk()

    assert imported(desk) is Imported.ADDED
    assert imported(desk, name="Bob") is Imported.ADDED  # the same import, run again: written once
    assert desk.stored().name == "Ada"
    consent = desk.stored().consent
    assert consent is not None
    assert consent.page == "the old system's form"
    assert consent.holds(SEAL)


@pytest.mark.parametrize("reason", SuppressionReason)
def test_an_import_never_brings_back_who_is_suppressed_or_asked_to_be_forgotten(reason: SuppressionReason) -> None:
    desk = Desk()
    desk.suppress(reason)

    assert imported(desk) is Imported.SUPPRESSED
    assert desk.subscribers.by_id == {}


def test_an_import_never_brings_back_who_left() -> None:
    desk = Desk()
    desk.subscribers.save(replace(known_reader(desk), status=Status.UNSUBSCRIBED))

    assert imported(desk) is Imported.LEFT


def test_an_address_that_ses_refuses_for_good_is_not_tried_for_ever() -> None:
    desk = Desk()
    desk.sign_up()
    desk.mailer.failure = SendRejectedError("BadRequestException")

    assert desk.greet() == "refused"
    assert desk.stored().status is Status.UNCONFIRMED


def test_strangers_get_no_more_mail_in_an_hour_than_the_budget_and_the_rest_wait() -> None:
    desk = Desk(policy=Policy(proof_of_work=True, per_network=100, per_hour=2))
    for number in range(3):
        desk.sign_up(f"reader{number}@example.org")

    waiting = [greeting for greeting, _ in desk.queues.greetings]
    assert [desk.greet(each) for each in waiting] == ["confirmation", "confirmation", "budget"]
    assert desk.greet(now=NOW + timedelta(minutes=30)) == "waits"
    assert desk.greet(now=NOW + timedelta(hours=1)) == "confirmation"


def test_a_place_that_was_taken_is_kept_and_takes_no_second_one() -> None:
    desk = Desk(policy=Policy(proof_of_work=True, per_network=100, per_hour=1))
    for number in range(3):
        desk.sign_up(f"reader{number}@example.org")
    for greeting in [each for each, _ in desk.queues.greetings]:
        desk.greet(greeting)
    counted = dict(desk.counters.counts)
    second, third = (each for each, _ in desk.queues.greetings[-2:])
    assert second.mail_at is not None
    assert third.mail_at is not None

    assert desk.greet(third, now=second.mail_at) == "waits"
    assert desk.greet(second, now=second.mail_at) == "confirmation"
    assert desk.greet(third, now=third.mail_at) == "confirmation"
    assert desk.counters.counts == counted


def test_what_waits_comes_back_at_its_place_in_steps_that_sqs_can_take() -> None:
    place = NOW + timedelta(minutes=20, seconds=0.5)
    waiting = Greeting(Occasion.SIGN_UP, "a" * 32, NOW, mail_at=place)

    assert [next_look(waiting, now=NOW + timedelta(minutes=minutes)) for minutes in (0, 15, 20)] == [900, 301, 1]
    assert next_look(replace(waiting, mail_at=None), now=NOW) == 900
    assert next_look(waiting, now=NOW + timedelta(days=14)) == 0


def test_a_form_sent_twice_while_its_mail_waits_is_answered_once() -> None:
    desk = Desk(policy=Policy(proof_of_work=True, per_network=100, per_hour=1))
    desk.sign_up("first@example.org")
    desk.greet()
    places = []
    for minutes in (1, 2):
        desk.sign_up(now=NOW + timedelta(minutes=minutes))
        assert desk.greet(now=NOW + timedelta(minutes=minutes)) == "budget"
        places.append(desk.queues.greetings[-1][0])

    first, second = sorted((each.mail_at or NOW, each.asked_at, each) for each in places)
    assert desk.greet(first[2], now=first[0]) == "confirmation"
    assert desk.greet(second[2], now=second[0]) == "none"


def test_an_address_of_which_ses_says_that_nothing_arrives_gets_no_mail_and_stays_unconfirmed() -> None:
    desk = Desk(address_insights=MemoryAddressInsights(frozenset({ADA})))
    desk.sign_up()

    assert desk.greet() == "undeliverable"
    assert (desk.stored().status, desk.stored().confirmation_sent_at) == (Status.UNCONFIRMED, None)
    assert desk.queues.greetings[1:] == [], "it does not come back"


def test_nobody_is_reminded_of_a_confirmation_that_was_never_mailed() -> None:
    desk = Desk(address_insights=MemoryAddressInsights(frozenset({ADA})))
    desk.sign_up()
    desk.greet()

    for day in range(1, 8):
        ports, later = desk.greet_ports, NOW + day * DAY
        assert remind(
            ports=ports, waiting=desk.subscribers, links=LINKS, reminder_after=3 * DAY, unconfirmed_days=30,
            policy=desk.policy, now=later,
        ) == 0  # fmt: skip


def test_ses_is_asked_once_for_each_email_to_a_stranger_and_never_about_a_reader() -> None:
    """Each answer has a price: not again when an email comes back to its place, nor beyond three a day."""
    desk = Desk(policy=Policy(proof_of_work=True, per_network=100, per_hour=1))
    for number in range(3):
        desk.sign_up(f"{number}@example.org")
    waited = [desk.greet(each) for each, _ in list(desk.queues.greetings)]
    moved = [each for each, _ in desk.queues.greetings[3:]]
    for greeting in moved:
        assert greeting.mail_at is not None
        assert desk.greet(greeting, now=greeting.mail_at) == "confirmation"
    assert waited == ["confirmation", "budget", "budget"]
    assert desk.address_insights.asked == ["0@example.org", "1@example.org", "2@example.org"]

    reader = Desk()
    reader.subscribers.save(subscriber(subscriber_id=reader.id_of(), email=ADA))
    reader.sign_up(now=NOW + DAY)
    assert reader.greet(now=NOW + DAY) == "already_subscribed"
    assert reader.address_insights.asked == []


def test_a_disposable_address_gets_no_mail() -> None:
    desk = Desk(disposable=MemoryDisposable(frozenset({"mailinator.example"})))
    desk.sign_up("ada@mailinator.example")

    assert desk.greet() == "none"


def test_a_reminder_that_could_not_leave_leaves_with_the_next_look() -> None:
    desk = Desk()
    desk.sign_up()
    desk.greet()
    desk.mailer.failure = SendThrottledError("rate")
    with pytest.raises(SendThrottledError):
        reminders(desk, NOW + 3 * DAY)
    desk.mailer.failure = None

    assert reminders(desk, NOW + 3 * DAY) == 1


def test_a_thousand_sign_ups_of_one_address_at_once_are_one_record_and_one_mail() -> None:
    class OneAtATime(MemorySubscribers):
        """A table whose single calls are atomic, as DynamoDB's are; everything between them is not."""

        lock = Lock()

        def get(self, subscriber_id: str) -> Subscriber | None:
            with self.lock:
                return super().get(subscriber_id)

        def save(self, subscriber: Subscriber) -> bool:
            with self.lock:
                return super().save(subscriber)

    def sign_up(_: int) -> str:
        try:
            return desk.sign_up()
        except StoreBusyError:
            return "try again"  # what the form answers with 503

    desk = Desk(subscribers=OneAtATime(), policy=Policy(proof_of_work=True, per_network=10_000, per_hour=10_000))
    with ThreadPoolExecutor(32) as crowd:
        answers = list(crowd.map(sign_up, range(1000)))
        greetings = [greeting for greeting, _ in desk.queues.greetings]
        mails = list(crowd.map(desk.greet, greetings))

    assert set(answers) <= {desk.id_of(), "try again"}
    assert desk.id_of() in answers
    assert len(desk.subscribers.by_id) == 1
    assert mails.count("confirmation") == len(desk.mailer.outbox) == 1


def test_while_confirmation_mail_is_held_a_sign_up_waits_and_a_link_to_leave_does_not() -> None:
    desk = Desk()
    desk.sign_up()
    desk.confirmation_hold.state = ConfirmationHold("9 of 100 emails bounced permanently")

    reader = subscriber()
    desk.subscribers.save(reader)
    assert desk.greet() == "held"
    assert desk.greet(Greeting(Occasion.LEAVE_LINK, reader.subscriber_id, NOW)) == "leave_link"
    desk.confirmation_hold.state = ConfirmationHold(judged_from=NOW)
    assert desk.greet() == "confirmation"


def test_a_link_to_leave_is_mailed_to_nobody_who_has_not_confirmed() -> None:
    desk = Desk()
    desk.sign_up()

    assert desk.greet(Greeting(Occasion.LEAVE_LINK, desk.id_of(), NOW)) == "none"
    assert desk.mailer.outbox == []
