"""Feedback: once, in any order and any number of times, and what it means for the reader."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import permutations
from random import Random
from typing import Any

import pytest

from newsletter.errors import StoreBusyError
from newsletter.feedback.domain.bounce_policy import NOT_HELD_AGAINST
from newsletter.feedback.domain.feedback import PROOF_OF_ACCEPTANCE, FeedbackEvent, FeedbackKind, Reason
from newsletter.feedback.domain.queued_report import ENOUGH_FAILURES
from newsletter.feedback.jobs.record_feedback import Recorded, record_feedback
from newsletter.feedback.ports import FeedbackPorts
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.domain.suppression import SuppressionReason
from newsletter.sending.domain.batch import ONE_CALL
from newsletter.sending.domain.probe import Returned
from newsletter.sending.domain.send import Send, rehearsal_name
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id, record, subscriber
from tests.feedback.fakes import MemoryEvidence, MemoryUnfamiliar
from tests.issues.fakes import MemoryIssues
from tests.readers.fakes import MemorySubscribers, MemorySuppressions
from tests.sending.fakes import MemoryProbes, MemorySends

ADA, BEN = an_id(1), an_id(2)
ISSUES = tuple(f"issue-{number}" for number in range(1, 8))
"""Seven issues, oldest first; all went out."""


def event(kind: FeedbackKind, who: str = ADA, slug: str = SLUG, part: str = "00", **changes: Any) -> FeedbackEvent:
    default = FeedbackEvent(
        kind=kind, message_id="m-1", happened_at=NOW, mailed_at=NOW, subscriber_id=who, slug=slug, part=part
    )
    return replace(default, **changes)


def listed(slug: str, number: int) -> Any:
    return record(slug=slug, date=datetime.date(2026, 12, number), listed=True, sent_hash="a" * 64)


@dataclass
class House:
    sends: MemorySends = field(default_factory=MemorySends)
    evidence: MemoryEvidence = field(default_factory=MemoryEvidence)
    subscribers: MemorySubscribers = field(default_factory=lambda: MemorySubscribers(subscriber(1)))
    suppressions: MemorySuppressions = field(default_factory=MemorySuppressions)
    unfamiliar: MemoryUnfamiliar = field(default_factory=MemoryUnfamiliar)
    probes: MemoryProbes = field(default_factory=MemoryProbes)

    def __post_init__(self) -> None:
        self.suppressions.subscribers = self.subscribers
        for slug in (SLUG, *ISSUES, rehearsal_name(SLUG, 1)):
            self.sends.open(Send(slug=slug, content_hash="a" * 64, shards=16, opened_at=NOW))

    def record(self, *events: FeedbackEvent) -> Recorded:
        issues = MemoryIssues(*(listed(slug, number) for number, slug in enumerate(ISSUES, 1)))
        ports = FeedbackPorts(
            sends=self.sends, evidence=self.evidence, subscribers=self.subscribers,
            suppressions=self.suppressions, issues=issues, unfamiliar=self.unfamiliar, probes=self.probes,
        )  # fmt: skip
        return record_feedback(events, ports=ports, now=NOW)

    @property
    def reason(self) -> SuppressionReason | None:
        suppression = self.suppressions.get(ADA)
        stored = self.subscribers.get(ADA)
        assert stored is None or stored.suppressed == (suppression is not None)
        return suppression.reason if suppression else None


@pytest.mark.parametrize("kind", FeedbackKind)
def test_what_ses_says_only_of_messages_it_took_is_evidence(kind: FeedbackKind) -> None:
    house = House()

    house.record(event(kind))

    assert house.evidence.accepted(SLUG, "00") == ({ADA} if kind in PROOF_OF_ACCEPTANCE else frozenset())


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (FeedbackKind.HARD_BOUNCE, SuppressionReason.HARD_BOUNCE),
        (FeedbackKind.COMPLAINT, SuppressionReason.COMPLAINT),
    ],
)
def test_a_hard_bounce_and_a_complaint_suppress_at_once(kind: FeedbackKind, reason: SuppressionReason) -> None:
    house = House()

    house.record(event(kind))

    assert house.reason is reason
    assert house.suppressions.by_id[ADA].slug == SLUG


@pytest.mark.parametrize("kind", [FeedbackKind.SOFT_BOUNCE, FeedbackKind.DELAYED, FeedbackKind.UNKNOWN])
def test_a_passing_fault_suppresses_nobody(kind: FeedbackKind) -> None:
    house = House()

    house.record(event(kind))

    assert house.reason is None


def test_three_soft_bounces_among_the_last_five_issues_suppress() -> None:
    house = House()

    for slug in (ISSUES[2], ISSUES[4]):
        house.record(event(FeedbackKind.SOFT_BOUNCE, slug=slug), event(FeedbackKind.SOFT_BOUNCE, slug=slug))
    assert house.reason is None
    house.record(event(FeedbackKind.SOFT_BOUNCE, slug=ISSUES[6], reason=Reason.UNDETERMINED))

    assert house.reason is SuppressionReason.SOFT_BOUNCES


def test_soft_bounces_of_older_issues_are_forgiven() -> None:
    house = House()

    house.record(*(event(FeedbackKind.SOFT_BOUNCE, slug=slug) for slug in (ISSUES[0], ISSUES[1], ISSUES[5], ISSUES[6])))

    assert house.reason is None


@pytest.mark.parametrize("reason", sorted(NOT_HELD_AGAINST))
def test_what_says_nothing_about_the_mailbox_is_not_held_against_it(reason: Reason) -> None:
    house = House()

    house.record(*(event(FeedbackKind.SOFT_BOUNCE, slug=slug, reason=reason) for slug in ISSUES))

    assert house.reason is None


def test_a_rehearsal_says_nothing_about_the_reader() -> None:
    house = House()

    house.record(event(FeedbackKind.HARD_BOUNCE, slug=rehearsal_name(SLUG, 1)))

    assert house.reason is None
    assert house.evidence.results(rehearsal_name(SLUG, 1)).totals[FeedbackKind.HARD_BOUNCE] == 1


def test_a_bounced_confirmation_suppresses_too() -> None:
    house = House()

    house.record(event(FeedbackKind.HARD_BOUNCE, slug="", part=""))

    assert house.reason is SuppressionReason.HARD_BOUNCE


def test_an_event_about_mail_to_nobody_we_know_changes_nothing() -> None:
    house = House()

    house.record(event(FeedbackKind.HARD_BOUNCE, who="", slug="", part=""))

    assert house.suppressions.by_id == {}
    assert house.evidence.by_part == {}


def test_a_complaint_about_somebody_erased_is_remembered_without_bringing_them_back() -> None:
    house = House()

    house.record(event(FeedbackKind.COMPLAINT, who=an_id(9)))

    assert house.suppressions.get(an_id(9)) is not None
    assert house.subscribers.get(an_id(9)) is None


def test_who_left_at_ses_has_left_here_unless_they_confirmed_again_since() -> None:
    house = House()
    left = event(FeedbackKind.UNKNOWN, reason=Reason.UNSUBSCRIBED)

    house.record(left)
    gone = house.subscribers.by_id[ADA]
    assert (gone.status, gone.left_at) == (Status.UNSUBSCRIBED, NOW)

    back = replace(gone, status=Status.CONFIRMED, confirmed_at=NOW + datetime.timedelta(days=1))
    assert house.subscribers.save(back)
    house.record(left)
    assert house.subscribers.by_id[ADA].status is Status.CONFIRMED


def test_an_event_that_comes_before_our_own_record_is_kept_for_it() -> None:
    house = House()

    house.record(event(FeedbackKind.HARD_BOUNCE))

    assert house.sends.batch(SLUG, "00") is None
    assert house.evidence.accepted(SLUG, "00") == {ADA}


@pytest.mark.parametrize("slug", ["somebody-elses", "../../etc", "x" * 300])
def test_an_event_of_an_unknown_send_is_counted_and_nothing_else(slug: str) -> None:
    house = House()

    recorded = house.record(event(FeedbackKind.HARD_BOUNCE, slug=slug))

    assert (recorded.unknown_sends, recorded.news, recorded.failed) == (1, (), frozenset())
    assert (house.reason, house.evidence.by_part) == (None, {})


def test_a_batch_that_cannot_be_written_keeps_no_other_back() -> None:
    class OneBusy(MemoryEvidence):
        def add(self, slug: str, after: str, *rest: Any) -> Any:
            if after == "07":
                raise StoreBusyError("the database is busy")
            return super().add(slug, after, *rest)

    house = House(evidence=OneBusy())
    events = [event(FeedbackKind.SENT, part=f"{number:02x}") for number in range(100)]

    recorded = house.record(*events)

    assert recorded.failed == {events[7]}
    assert len(recorded.news) == 99


def test_a_store_that_refuses_again_and_again_is_left_alone_and_every_event_comes_again() -> None:
    class Busy(MemoryEvidence):
        asked = 0

        def add(self, *_: Any) -> Any:
            self.asked += 1
            raise StoreBusyError("the database is busy")

    evidence = Busy()
    events = [event(FeedbackKind.SENT, part=f"{number:02x}") for number in range(100)]

    recorded = House(evidence=evidence).record(*events)

    assert recorded.failed == frozenset(events)
    assert evidence.asked == ENOUGH_FAILURES


def test_order_and_repetition_change_nothing() -> None:
    story = [
        event(FeedbackKind.SENT), event(FeedbackKind.DELIVERED), event(FeedbackKind.COMPLAINT),
        event(FeedbackKind.SENT, who=BEN),
    ]  # fmt: skip

    def told(order: tuple[FeedbackEvent, ...]) -> tuple[object, ...]:
        house = House()
        once, again = house.record(*order), house.record(*order)
        assert again.news == ()
        return house.evidence.results(SLUG), house.reason, sorted((each.kind, each.subscriber_id) for each in once.news)

    first, *others = (told(order) for order in permutations(story))
    assert all(other == first for other in others)


KINDS: tuple[tuple[int, FeedbackKind, Reason], ...] = (
    (13, FeedbackKind.HARD_BOUNCE, Reason.NO_MAILBOX),
    (17, FeedbackKind.SOFT_BOUNCE, Reason.MAILBOX_FULL),
    (23, FeedbackKind.DELAYED, Reason.NONE),
    (997, FeedbackKind.COMPLAINT, Reason.ABUSE),
)
READERS = 48_000


def stream() -> list[FeedbackEvent]:
    """Return what SES says about 48 000 mails: about 100 000 events."""
    events = []
    for number in range(READERS):
        who, part = an_id(number), f"{number // ONE_CALL:04x}"
        at = NOW + datetime.timedelta(seconds=number // 200)
        one = event(FeedbackKind.SENT, who, part=part, happened_at=at, message_id=str(number))
        bad = [(kind, reason) for every, kind, reason in KINDS if number % every == 0]
        events += [one, *(replace(one, kind=kind, reason=reason) for kind, reason in bad)]
        if number % 13:
            events.append(replace(one, kind=FeedbackKind.DELIVERED))
    return events


def received(events: list[FeedbackEvent], house: House) -> Callable[[FeedbackKind], int]:
    for first in range(0, len(events), 100):  # as they come at a rate of 200 mails a second
        recorded = house.record(*events[first : first + 100])
        assert not recorded.failed
    return house.evidence.results(SLUG).totals.__getitem__


def test_a_hundred_thousand_events_are_counted_exactly_however_they_come(record_property: Any) -> None:
    events = stream()
    assert 100_000 < len(events) < 110_000
    calm, stormy = House(), House()
    # SES reports in the order in which it was given the mails, more or less; a fifth of the events comes twice.
    total = received(events, calm)
    per_thousand = calm.evidence.writes / len(events) * 1000
    shuffled = events + events[::5]
    Random(1).shuffle(shuffled)  # noqa: S311 - a shuffle that is the same every time
    received(shuffled, stormy)

    assert calm.evidence.results(SLUG) == stormy.evidence.results(SLUG)
    assert total(FeedbackKind.SENT) == READERS
    for every, kind, _ in KINDS:
        assert total(kind) == len(range(0, READERS, every))
    assert total(FeedbackKind.DELIVERED) == READERS - len(range(0, READERS, 13))
    assert set(calm.suppressions.by_id) == set(stormy.suppressions.by_id)
    record_property("writes_per_thousand_events", per_thousand)
    assert per_thousand < 22  # two or three batches in a reception of a hundred
    assert stormy.evidence.writes <= len(shuffled)  # never more than one write for each event


def test_the_report_of_a_probe_shows_that_reports_arrive_and_is_about_no_reader() -> None:
    house = House()
    probe = event(FeedbackKind.SENT, "", "", "", mail="probe", probe="f" * 32, message_id="1")

    for report in (probe, probe, replace(probe, message_id="2"), replace(probe, kind=FeedbackKind.DELIVERED)):
        assert house.record(report).failed == frozenset()

    assert house.probes.returned("f" * 32) == Returned(2, probe.mailed_at)
    assert house.evidence.accepted(SLUG, "") == frozenset()
