"""What the store of evidence promises, checked on the one in memory and on DynamoDB alike."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from newsletter.feedback.adapters.dynamo_evidence import DynamoEvidence
from newsletter.feedback.domain.feedback import TAKEN_BACK, FeedbackKind, Reason, RecordedEvent
from newsletter.feedback.domain.mailbox_provider import Provider
from newsletter.sending.domain.batch import LARGEST_BATCH, ONE_CALL, part_name
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id
from tests.feedback.fakes import MemoryEvidence
from tests.simulation.dynamo_partitions import PartitionedDynamo

Evidence = MemoryEvidence | DynamoEvidence


@pytest.fixture(params=["memory", "dynamodb", "dynamodb, spread over seven partitions", "model of partitions"])
def evidence(request: pytest.FixtureRequest) -> Evidence:
    if request.param == "memory":
        return MemoryEvidence()
    if request.param == "model of partitions":
        client: Any = PartitionedDynamo()
        return DynamoEvidence(client, "SendsTable")
    store = DynamoEvidence(request.getfixturevalue("dynamodb"), "SendsTable")
    if request.param != "dynamodb":
        store.spread(SLUG, 7)
    return store


def test_the_evidence_of_a_batch_is_that_of_all_its_parts_and_of_no_other_batch(evidence: Evidence) -> None:
    neighbours = {"00": 1, an_id(0x300): 2, "r2_00": 3, "01": 4}
    for after, number in neighbours.items():
        for position in (0, ONE_CALL, LARGEST_BATCH - 1):
            evidence.add(SLUG, part_name(after, position), [an_id(number * LARGEST_BATCH + position)])

    for after, number in neighbours.items():
        expected = {an_id(number * LARGEST_BATCH + position) for position in (0, ONE_CALL, LARGEST_BATCH - 1)}
        assert evidence.accepted(SLUG, after) == expected


def test_evidence_is_a_set(evidence: Evidence) -> None:
    assert evidence.accepted(SLUG, "00") == frozenset()
    evidence.add(SLUG, "00", [an_id(1), an_id(2)])
    evidence.add(SLUG, "00", [an_id(2), an_id(3)])

    assert evidence.accepted(SLUG, "00") == {an_id(1), an_id(2), an_id(3)}


def test_what_ses_reported_is_a_set_and_only_the_first_time_is_news(evidence: Evidence) -> None:
    bounce = RecordedEvent(an_id(1), NOW, Reason.NO_MAILBOX, Provider.GOOGLE)
    later = RecordedEvent(an_id(2), NOW + timedelta(minutes=3), Reason.MAILBOX_FULL)
    earlier = RecordedEvent(an_id(2), NOW, Reason.MAILBOX_FULL)
    hard, delayed = FeedbackKind.HARD_BOUNCE, FeedbackKind.DELAYED

    first = evidence.add(SLUG, "00", [an_id(1)], {hard: [bounce], delayed: [later]})
    again = evidence.add(SLUG, "00", [an_id(1), an_id(2)], {hard: [bounce], delayed: [earlier]})
    nothing = evidence.add(SLUG, "01", [])
    evidence.add(SLUG, "02", [], {FeedbackKind.REJECTED: [RecordedEvent(an_id(3), NOW)]})
    evidence.add("other", "00", [an_id(4)])

    assert first == {(FeedbackKind.SENT, an_id(1)), (hard, an_id(1)), (delayed, an_id(2))}
    assert again == {(FeedbackKind.SENT, an_id(2))}
    assert nothing == frozenset()
    assert evidence.accepted(SLUG, "02") == frozenset()
    results = evidence.results(SLUG)
    assert {kind: count for kind, count in results.totals.items() if count} == {
        FeedbackKind.SENT: 2, hard: 1, delayed: 1, FeedbackKind.REJECTED: 1,
    }  # fmt: skip
    assert results.reasons[hard, Reason.NO_MAILBOX] == 1
    assert results.providers[hard, Provider.GOOGLE] == 1
    assert results.minutes[delayed, NOW] == 1


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_is_read_as_it_was_written(evidence: Evidence, reason: Reason) -> None:
    for provider in Provider:
        evidence.add(SLUG, provider, [], {FeedbackKind.UNKNOWN: [RecordedEvent(an_id(1), NOW, reason, provider)]})

    results = evidence.results(SLUG)
    assert dict(results.reasons) == {(FeedbackKind.UNKNOWN, reason): len(Provider)}
    assert dict(results.providers) == {(FeedbackKind.UNKNOWN, provider): 1 for provider in Provider}


def test_a_tally_counts_apart_what_left_before_and_after(evidence: Evidence) -> None:
    evidence.tally(SLUG, None, {FeedbackKind.SENT: 3})
    counted = evidence.tally(SLUG, None, {FeedbackKind.SENT: 2, FeedbackKind.COMPLAINT: 1})
    fresh = evidence.tally(SLUG, NOW, {FeedbackKind.SENT: 1})

    assert dict(counted) == {FeedbackKind.SENT: 5, FeedbackKind.COMPLAINT: 1}
    assert dict(fresh) == {FeedbackKind.SENT: 1}


@pytest.mark.parametrize("kind", TAKEN_BACK)
def test_what_ses_took_back_is_no_evidence_of_a_mail(evidence: Evidence, kind: FeedbackKind) -> None:
    evidence.add(SLUG, "00", [an_id(1), an_id(2)])
    evidence.add(SLUG, "00", [], {kind: [RecordedEvent(an_id(2), NOW)]})

    assert evidence.accepted(SLUG, "00") == {an_id(1)}


def test_accepted_are_as_many_as_were_reported_or_as_the_books_said_whichever_is_more(evidence: Evidence) -> None:
    bounced = FeedbackKind.HARD_BOUNCE
    evidence.tally(SLUG, None, {FeedbackKind.SENT: 3, bounced: 3})

    assert evidence.note_mailed(SLUG, None, 100) == {FeedbackKind.SENT: 100, bounced: 3}
    assert evidence.tally(SLUG, None, {FeedbackKind.SENT: 96}) == {FeedbackKind.SENT: 100, bounced: 3}
    assert evidence.tally(SLUG, None, {FeedbackKind.SENT: 2}) == {FeedbackKind.SENT: 101, bounced: 3}
    assert evidence.note_mailed(SLUG, NOW, 7) == {FeedbackKind.SENT: 7}  # those since somebody let it go on
