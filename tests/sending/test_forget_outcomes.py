"""What became of single readers in a send of long ago expires; its books, its shards and its usage stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from newsletter.feedback.adapters.dynamo_evidence import DynamoEvidence
from newsletter.feedback.domain.feedback import FeedbackKind
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.domain.shard import shards
from newsletter.sending.adapters.dynamo_outcomes import AT_ONCE, DynamoOutcomes
from newsletter.sending.adapters.dynamo_sends import DynamoSends
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.send import Again, Send, SendState, rehearsal_name
from newsletter.sending.jobs.forget_outcomes import ForgottenOutcomes, forget_outcomes
from newsletter.sending.retention_ports import OutcomePorts
from tests.core.fakes import NOW, VirtualClock
from tests.factories import SLUG, an_id, record
from tests.issues.fakes import MemoryIssues

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
LONG_AGO = NOW - 401 * DAY


class Ticking(VirtualClock):
    """Ten seconds go by between two looks at the clock."""

    def now(self) -> datetime:
        self.sleep(10)
        return super().now()


class Stack:
    """The table of sends, and the nightly job on it."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.sends = DynamoSends(client, "SendsTable")
        self.issues = MemoryIssues()
        self.clock = VirtualClock()

    def closed(self, slug: str, at: datetime, *, batches: int = 2, **changes: Any) -> None:
        """Put a closed send there."""
        header = Send(slug=slug, content_hash="a" * 64, shards=1, opened_at=at)
        self.sends.open(replace(header, state=SendState.CLOSED, closed_at=at, books=Books(2, sent=2), **changes))
        self.sends.finish_shard(slug, shards(16)[0])
        for number in range(batches):
            self.sends.add_batch(Batch.of(slug, f"00{number:04}", (an_id(number),), now=at))
        DynamoEvidence(self.client, "SendsTable").add(slug, "00", [an_id(1)])
        DynamoEvidence(self.client, "SendsTable").tally(slug, None, {FeedbackKind.SENT: 2})
        self.client.put_item(
            TableName="SendsTable",
            Item={"slug": {"S": slug}, "item": {"S": "engagement#00"}, "entries": {"BS": [b"x"]}},
        )

    def forget(self, at: str = "", *, days: int = 400, time: timedelta = MINUTE) -> ForgottenOutcomes:
        outcomes = DynamoOutcomes(self.client, "SendsTable", self.clock)
        ports = OutcomePorts(self.issues, self.sends, outcomes, self.clock, days)
        return forget_outcomes(at, ports=ports, now=NOW, until=self.clock.now() + time)

    def expiring(self, slug: str = SLUG) -> set[str]:
        items = self.client.query(
            TableName="SendsTable",
            KeyConditionExpression="slug = :slug",
            ExpressionAttributeValues={":slug": {"S": slug}},
        )["Items"]
        return {item["item"]["S"].partition("#")[0] for item in items if "expires_at" in item}


@pytest.fixture
def stack(dynamodb: Any) -> Stack:
    stack = Stack(dynamodb)
    stack.issues.by_slug[SLUG] = record(status=IssueStatus.SENT)
    return stack


NAMING_READERS = {"batch", "evidence", "engagement"}


def test_what_names_readers_in_an_old_send_expires_and_the_books_stay(stack: Stack) -> None:
    stack.closed(SLUG, LONG_AGO)

    assert stack.forget() == ForgottenOutcomes(sends=1, items=4)

    assert stack.expiring() == NAMING_READERS
    send = stack.sends.get(SLUG)
    assert send is not None
    assert send.outcomes_forgotten_at == NOW
    assert send.books == Books(2, sent=2)
    assert stack.forget() == ForgottenOutcomes()


@pytest.mark.parametrize(
    ("closed_at", "days", "state"),
    [
        (NOW - 399 * DAY, 400, SendState.CLOSED),
        (LONG_AGO, 0, SendState.CLOSED),
        (NOW - 13 * DAY, 1, SendState.CLOSED),  # its second report may be due
        (None, 400, SendState.PAUSED),  # however long it waits, nobody in it is lost
    ],
)
def test_everything_else_is_kept(stack: Stack, closed_at: datetime | None, days: int, state: SendState) -> None:
    stack.closed(SLUG, closed_at or LONG_AGO)
    stack.sends.change(SLUG, lambda send: replace(send, state=state, closed_at=closed_at, revision=send.revision + 1))

    assert stack.forget(days=days) == ForgottenOutcomes()
    assert stack.expiring() == set()


def test_rehearsals_are_forgotten_too_also_of_an_issue_that_never_went_out(stack: Stack) -> None:
    stack.issues.by_slug[SLUG] = record(status=IssueStatus.READY)
    for number in (1, 2):
        stack.closed(rehearsal_name(SLUG, number), LONG_AGO, rehearsal_of=SLUG)

    assert stack.forget() == ForgottenOutcomes(sends=2, items=8)
    assert stack.expiring(rehearsal_name(SLUG, 2)) == NAMING_READERS


def test_what_ses_reports_later_is_forgotten_the_next_night(stack: Stack) -> None:
    stack.closed(SLUG, LONG_AGO)
    stack.forget()
    DynamoEvidence(stack.client, "SendsTable").add(SLUG, "01", [an_id(2)])

    assert stack.forget() == ForgottenOutcomes(sends=0, items=1)


def test_a_large_send_is_forgotten_in_parts_and_then_the_next_issue(stack: Stack) -> None:
    stack.closed(SLUG, LONG_AGO, batches=AT_ONCE + 5)
    later = "2026-12-02-later"
    stack.issues.by_slug[later] = record(slug=later, status=IssueStatus.SENT)
    stack.closed(later, LONG_AGO)
    stack.clock = Ticking()

    first = stack.forget(time=15 * SECOND)
    assert first == ForgottenOutcomes(sends=1, items=AT_ONCE, next_slug=SLUG)
    second = stack.forget(first.next_slug, time=25 * SECOND)
    assert second == ForgottenOutcomes(sends=0, items=7, next_slug=later)
    assert stack.forget(second.next_slug) == ForgottenOutcomes(sends=1, items=4)


def test_nobody_opens_a_forgotten_send_again(stack: Stack) -> None:
    """Without its batches everybody would be a stranger to it, and its books would be counted from nothing."""
    stack.closed(SLUG, LONG_AGO)
    stack.forget()
    send = stack.sends.get(SLUG)
    assert send is not None

    for whom in Again:
        assert send.held_for_another_try("because", whom=whom, now=NOW) is None
