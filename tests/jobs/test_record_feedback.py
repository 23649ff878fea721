"""Feedback: evidence once, suppression at once, in any order and any number of times."""

from __future__ import annotations

from itertools import permutations

import pytest

from newsletter.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.domain.suppression import SuppressionReason
from newsletter.jobs.record_feedback import PROOF_OF_ACCEPTANCE, record_feedback
from tests.factories import SLUG, an_id, subscriber
from tests.fakes import NOW, MemorySends, MemorySubscribers, MemorySuppressions

ADA = an_id(1)


def event(kind: FeedbackKind, who: str = ADA, slug: str = SLUG, batch: str = "00") -> FeedbackEvent:
    return FeedbackEvent(kind=kind, message_id="m-1", happened_at=NOW, subscriber_id=who, slug=slug, batch=batch)


def record(*events: FeedbackEvent) -> tuple[MemorySends, MemorySubscribers, MemorySuppressions]:
    stores = MemorySends(), MemorySubscribers(subscriber(1)), MemorySuppressions()
    sends, subscribers, suppressions = stores
    record_feedback(events, sends=sends, subscribers=subscribers, suppressions=suppressions)
    return stores


@pytest.mark.parametrize("kind", FeedbackKind)
def test_what_ses_says_only_of_messages_it_took_is_evidence(kind: FeedbackKind) -> None:
    sends, _, _ = record(event(kind))

    assert sends.evidence(SLUG, "00") == ({ADA} if kind in PROOF_OF_ACCEPTANCE else frozenset())


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (FeedbackKind.HARD_BOUNCE, SuppressionReason.HARD_BOUNCE),
        (FeedbackKind.COMPLAINT, SuppressionReason.COMPLAINT),
    ],
)
def test_a_hard_bounce_and_a_complaint_suppress_at_once(kind: FeedbackKind, reason: SuppressionReason) -> None:
    _, subscribers, suppressions = record(event(kind))

    suppression = suppressions.get(ADA)
    assert suppression is not None
    assert (suppression.reason, suppression.slug) == (reason, SLUG)
    stored = subscribers.get(ADA)
    assert stored is not None
    assert not stored.in_audience


@pytest.mark.parametrize("kind", [FeedbackKind.SOFT_BOUNCE, FeedbackKind.DELAYED, FeedbackKind.UNKNOWN])
def test_a_passing_fault_suppresses_nobody(kind: FeedbackKind) -> None:
    _, subscribers, suppressions = record(event(kind))

    assert suppressions.get(ADA) is None
    stored = subscribers.get(ADA)
    assert stored is not None
    assert stored.in_audience


def test_a_bounced_confirmation_suppresses_too() -> None:
    _, _, suppressions = record(event(FeedbackKind.HARD_BOUNCE, slug="", batch=""))

    assert suppressions.get(ADA) is not None


def test_an_event_about_mail_to_nobody_we_know_changes_nothing() -> None:
    sends, _, suppressions = record(event(FeedbackKind.HARD_BOUNCE, who="", slug="", batch=""))

    assert suppressions.by_id == {}
    assert sends.accepted == {}


def test_a_complaint_about_somebody_erased_is_remembered_without_bringing_them_back() -> None:
    _, subscribers, suppressions = record(event(FeedbackKind.COMPLAINT, who=an_id(9)))

    assert suppressions.get(an_id(9)) is not None
    assert subscribers.get(an_id(9)) is None


def test_order_and_repetition_change_nothing() -> None:
    story = [event(FeedbackKind.SENT), event(FeedbackKind.HARD_BOUNCE), event(FeedbackKind.SENT, who=an_id(2))]

    results = [record(*order, *order) for order in permutations(story)]

    assert all(sends.evidence(SLUG, "00") == {ADA, an_id(2)} for sends, _, _ in results)
    assert len({str(suppressions.by_id) for _, _, suppressions in results}) == 1
