"""Once a night, two suppression lists and our own records are made to agree."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from newsletter.feedback.domain.reconciliation import Reconciliation, Step
from newsletter.feedback.jobs.reconcile_suppressions import CHUNK, MOST_PUT, reconcile_suppressions
from newsletter.feedback.ports import ReconcilePorts
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.domain.suppression import Listed, Suppression, SuppressionReason
from tests.core.fakes import NOW, VirtualClock
from tests.factories import subscriber
from tests.feedback.fakes import MemorySuppressionList
from tests.readers.fakes import MemorySubscribers, MemorySuppressions, PlainAddresses

BOUNCE, COMPLAINT = SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT
LONG = timedelta(days=1)


def who(email: str) -> str:
    addresses = PlainAddresses()
    return addresses.subscriber_id(addresses.mailbox(email))


@dataclass
class Night:
    """Both lists, and the records between them."""

    subscribers: MemorySubscribers = field(default_factory=MemorySubscribers)
    suppressions: MemorySuppressions = field(default_factory=MemorySuppressions)
    listed: MemorySuppressionList = field(default_factory=MemorySuppressionList)
    clock: VirtualClock = field(default_factory=VirtualClock)

    def __post_init__(self) -> None:
        self.suppressions.subscribers = self.subscribers

    def reader(self, email: str, **changes: Any) -> str:
        assert self.subscribers.save(subscriber(subscriber_id=who(email), email=email, **changes))
        return who(email)

    def stored(self, email: str) -> Subscriber:
        return self.subscribers.by_id[who(email)]

    def suppress(self, email: str, reason: SuppressionReason = BOUNCE, **changes: Any) -> None:
        self.suppressions.add(Suppression(who(email), reason, NOW, **changes))

    def lists(self, email: str, reason: SuppressionReason = BOUNCE) -> None:
        self.listed.by_email[email] = Listed(email, reason, NOW - timedelta(days=3))

    def pass_by(self, so_far: Reconciliation | None = None, time: timedelta = LONG) -> Reconciliation:
        ports = ReconcilePorts(self.listed, self.suppressions, self.subscribers, PlainAddresses(), self.clock)
        return reconcile_suppressions(so_far or Reconciliation(), ports=ports, until=self.clock.now() + time)

    def sleep(self, days: int) -> None:
        self.clock.sleep(timedelta(days=days).total_seconds())


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("reason", [BOUNCE, COMPLAINT])
def test_whom_ses_does_not_mail_is_not_mailed_by_us(status: Status, reason: SuppressionReason) -> None:
    night = Night()
    ada = night.reader("ada@example.org", status=status)
    night.reader("eve@example.org")
    night.lists("ADA@Example.org", reason)

    found = night.pass_by()

    assert night.suppressions.get(ada) == Suppression(ada, reason, NOW - timedelta(days=3), listed_on=NOW.date())
    assert night.stored("ada@example.org").suppressed
    assert night.stored("eve@example.org").in_audience
    assert (found.is_done, found.suppressed, found.drift) == (True, 1, 1)


def test_addresses_of_strangers_and_of_nobody_change_nothing() -> None:
    night = Night()
    for email in ("stranger@example.org", "no address at all"):
        night.lists(email)

    found = night.pass_by()

    assert (found.listed, found.drift, night.suppressions.by_id) == (2, 0, {})


def test_a_forgotten_reader_stays_forgotten_and_one_who_came_back_is_not_mailed() -> None:
    night = Night()
    for email in ("gone@example.org", "back@example.org"):
        night.suppress(email, SuppressionReason.ERASED)
        night.lists(email)
    back = night.reader("back@example.org", status=Status.UNCONFIRMED)

    assert night.pass_by().drift == 1
    stored = {each.subscriber_id: each.reason for each in night.suppressions.by_id.values()}
    assert stored == {who("gone@example.org"): SuppressionReason.ERASED, back: BOUNCE}
    assert night.listed.asked == []


@pytest.mark.parametrize("reason", [BOUNCE, COMPLAINT])
def test_ses_hears_whom_we_do_not_mail(reason: SuppressionReason) -> None:
    night = Night()
    night.reader("ada@example.org", suppressed=True)
    night.suppress("ada@example.org", reason)

    assert night.pass_by().put == 1
    assert night.listed.by_email["ada@example.org"].reason is reason
    assert night.pass_by().drift == 0


@pytest.mark.parametrize("reason", [SuppressionReason.SOFT_BOUNCES, SuppressionReason.MANUAL, SuppressionReason.ERASED])
def test_ses_hears_nothing_that_it_has_no_word_for(reason: SuppressionReason) -> None:
    night = Night()
    night.reader("ada@example.org", suppressed=True)
    night.suppress("ada@example.org", reason)

    assert night.pass_by().put == 0
    assert night.listed.asked == []


def test_who_has_no_address_any_more_cannot_be_told_about() -> None:
    night = Night()
    night.suppress("gone@example.org")
    night.reader("moved@example.org", suppressed=True)
    night.suppress("moved@example.org")
    record = night.stored("moved@example.org")
    assert night.subscribers.save(replace(record, email=""))

    assert night.pass_by().drift == 0
    assert night.listed.asked == []


@pytest.mark.parametrize("reason", [BOUNCE, COMPLAINT, SuppressionReason.SOFT_BOUNCES, SuppressionReason.MANUAL])
def test_a_suppressed_reader_leaves_the_audience_even_if_only_the_record_forgot(reason: SuppressionReason) -> None:
    night = Night()
    night.reader("ada@example.org")
    night.suppress("ada@example.org", reason, listed_on=NOW.date())
    night.lists("ada@example.org")

    found = night.pass_by()

    assert not night.stored("ada@example.org").in_audience
    assert (found.marked, found.drift) == (1, 1)
    assert night.pass_by().drift == 0


def test_who_disappears_from_the_list_of_ses_is_put_back_after_two_weeks() -> None:
    night = Night()
    night.reader("ada@example.org", suppressed=True)
    night.suppress("ada@example.org")
    night.lists("ada@example.org")
    for _ in range(10):
        assert night.pass_by().drift == 0
        night.sleep(1)
    del night.listed.by_email["ada@example.org"]
    drifts = []
    for _ in range(16):
        drifts.append(night.pass_by().drift)
        night.sleep(1)

    assert sum(drifts) == 1
    assert "ada@example.org" in night.listed.by_email


def test_the_note_that_ses_lists_somebody_is_written_once_a_week_and_not_every_night() -> None:
    night = Night()
    night.reader("ada@example.org", suppressed=True)
    night.suppress("ada@example.org")
    night.lists("ada@example.org")
    notes = []
    for _ in range(16):
        night.pass_by()
        stored = night.suppressions.by_id[who("ada@example.org")]
        notes.append(stored.listed_on)
        night.sleep(1)

    assert len(set(notes)) == 2


def test_the_sandbox_refuses_and_is_not_asked_all_night() -> None:
    night = Night()
    night.listed.refuses = True
    for number in range(20):
        night.reader(f"reader{number}@example.org", suppressed=True)
        night.suppress(f"reader{number}@example.org")

    found = night.pass_by()

    assert (found.is_done, found.put, found.refused, found.left, found.drift) == (True, 0, 3, 17, 0)
    assert len(night.listed.asked) == 3


def test_a_night_has_its_bounds_and_the_next_one_does_the_rest() -> None:
    night = Night()
    for number in range(MOST_PUT + 20):
        night.reader(f"reader{number}@example.org", suppressed=True)
        night.suppress(f"reader{number}@example.org")

    first = night.pass_by()
    assert (first.put, first.left) == (MOST_PUT, 20)
    assert night.clock.now() - NOW >= timedelta(seconds=MOST_PUT)  # one a second
    second = night.pass_by()
    assert (second.put, second.left) == (20, 0)


def test_a_comparison_that_is_cut_into_pieces_finds_the_same() -> None:
    night = Night()
    for number in range(3 * CHUNK):
        email = f"reader{number}@example.org"
        night.reader(email, suppressed=number % 3 == 0)
        if number % 3 == 0:
            night.suppress(email)
        elif number % 3 == 1:
            night.lists(email)
    found, looks = Reconciliation(), 0
    while not found.is_done:
        before = found
        found = night.pass_by(found, timedelta(seconds=7))
        looks += 1
        assert found != before

    assert (found.step, looks > 10) == (Step.DONE, True)
    assert (found.suppressed, found.put, found.marked, found.left) == (CHUNK, CHUNK, 0, 0)
    assert (found.listed, found.compared) == (CHUNK, 2 * CHUNK)
    assert not any(
        each.in_audience for each in night.subscribers.by_id.values() if night.suppressions.get(each.subscriber_id)
    )
    assert night.pass_by().drift == 0


def test_a_piece_that_is_done_twice_heals_nothing_twice() -> None:
    night = Night()
    night.reader("ada@example.org")
    night.lists("ada@example.org")

    assert [night.pass_by().drift for _ in range(2)] == [1, 0]
