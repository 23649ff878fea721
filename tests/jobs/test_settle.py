"""Settling: doubts end by evidence, what got stuck is woken, and the books close only when they balance."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from newsletter.domain.batch import CLAIM_LEASE, Batch, BatchState
from newsletter.domain.books import Books
from newsletter.domain.issue import IssueStatus
from newsletter.domain.outcome import Outcome
from newsletter.domain.send import PausedBy, Send, SendState
from newsletter.domain.shard import shards
from newsletter.errors import SendThrottledError, UnknownSendError
from newsletter.jobs.settle import STUCK_AFTER, settle
from newsletter.ports import SettlePorts
from tests.factories import SLUG, an_id, record
from tests.fakes import NOW, MemoryIssues, MemoryMailer, MemoryQueues, MemorySends, PlainMails

ADA, BEN, CYD = (an_id(number) for number in (1, 2, 3))
GRACE = timedelta(hours=1)


@dataclass
class Office:
    """A send of one batch, planned to its end."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    claimed: bool = False
    planned: bool = True

    def __post_init__(self) -> None:
        self.sends, self.queues, self.mailer = MemorySends(), MemoryQueues(), MemoryMailer()
        self.issues = MemoryIssues(record(status=IssueStatus.SENDING, listed=True))
        self.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))
        batch = Batch.of(SLUG, "00", (ADA, BEN, CYD), now=NOW).claimed("worker", now=NOW)
        if not self.claimed:
            batch = batch.recorded(self.outcomes, now=NOW)
        self.sends.add_batch(batch)
        if self.planned:
            for shard in shards(16):
                self.sends.finish_shard(SLUG, shard)

    def look(self, now: datetime = NOW) -> tuple[Send, Books]:
        ports = SettlePorts(
            sends=self.sends,
            issues=self.issues,
            queues=self.queues,
            mailer=self.mailer,
            mails=PlainMails(),
            editor_email="editors@example.org",
        )
        return settle(SLUG, ports=ports, grace=GRACE, now=now)

    @property
    def batch(self) -> Batch:
        batch = self.sends.batch(SLUG, "00")
        assert batch is not None
        return batch


EVERYBODY = {ADA: Outcome.SENT, BEN: Outcome.LEFT, CYD: Outcome.REJECTED}


def test_books_that_balance_are_closed_and_the_editors_are_told() -> None:
    office = Office(EVERYBODY)

    send, books = office.look()

    assert send.state is SendState.CLOSED
    assert send.books == books == Books(3, sent=1, skipped={"left": 1}, failed={"rejected": 1})
    assert office.issues.by_slug[SLUG].status is IssueStatus.SENT
    assert office.issues.by_slug[SLUG].sent_at == NOW
    assert [sent.mail.subject for sent in office.mailer.outbox] == ["editors_send_closed"]


def test_closed_books_are_not_closed_again() -> None:
    office = Office(EVERYBODY)
    office.look()

    send, _ = office.look(NOW + GRACE)

    assert send.closed_at == NOW
    assert len(office.mailer.outbox) == 1


def test_a_closing_that_was_cut_off_is_finished_by_the_next_look() -> None:
    office = Office(EVERYBODY)
    office.sends.close(office.sends.headers[SLUG], Books(3, sent=3), now=NOW)

    office.look()

    assert office.issues.by_slug[SLUG].status is IssueStatus.SENT


def test_books_do_not_close_while_somebody_waits() -> None:
    office = Office({ADA: Outcome.SENT})

    send, books = office.look()

    assert send.state is SendState.OPEN
    assert (books.waiting, books.balanced) == (2, False)


def test_books_do_not_close_before_every_shard_is_planned() -> None:
    office = Office(EVERYBODY, planned=False)

    assert office.look()[0].state is SendState.OPEN
    assert office.queues.plans == []
    office.look(NOW + STUCK_AFTER)
    assert len(office.queues.plans) == 16


def test_evidence_turns_a_doubt_into_sent() -> None:
    office = Office(dict.fromkeys((ADA, BEN, CYD), Outcome.UNKNOWN))
    office.sends.add_evidence(SLUG, "00", [ADA, BEN, CYD])

    assert office.look()[0].state is SendState.CLOSED


def test_without_evidence_nobody_in_doubt_is_mailed_again_before_the_grace_period_is_over() -> None:
    office = Office({ADA: Outcome.SENT, BEN: Outcome.UNKNOWN, CYD: Outcome.UNKNOWN})
    office.sends.add_evidence(SLUG, "00", [BEN])

    office.look(NOW + GRACE - timedelta(seconds=1))
    assert office.queues.batches == []

    office.look(NOW + GRACE)
    assert office.queues.batches == [(SLUG, "00", 0)]
    assert office.batch.outcomes == (Outcome.SENT, Outcome.SENT, None)


def test_a_batch_whose_worker_died_is_planned_again_for_whom_there_is_no_evidence() -> None:
    office = Office(claimed=True)
    office.sends.add_evidence(SLUG, "00", [BEN])

    office.look(NOW + GRACE)
    assert not office.queues.batches

    office.look(NOW + GRACE + CLAIM_LEASE)
    assert office.batch.state is BatchState.PLANNED
    assert set(office.batch.waiting) == {ADA, CYD}
    assert office.queues.batches == [(SLUG, "00", 0)]


def test_a_batch_whose_message_was_lost_is_queued_again() -> None:
    office = Office({ADA: Outcome.SENT})

    office.look(NOW + STUCK_AFTER - timedelta(seconds=1))
    assert office.queues.batches == []
    office.look(NOW + STUCK_AFTER)
    assert office.queues.batches == [(SLUG, "00", 0)]


def test_batches_that_merely_wait_for_their_turn_are_not_queued_again() -> None:
    office = Office({ADA: Outcome.SENT})
    later = NOW + STUCK_AFTER * 2
    office.sends.add_batch(Batch.of(SLUG, ADA, (an_id(256),), now=later))

    office.look(later + timedelta(minutes=1))

    assert office.queues.batches == []


def test_a_report_that_could_not_leave_leaves_with_the_next_look() -> None:
    office = Office(EVERYBODY)
    office.mailer.failure = SendThrottledError("rate")
    with pytest.raises(SendThrottledError):
        office.look()
    office.mailer.failure = None

    office.look()

    assert [sent.mail.subject for sent in office.mailer.outbox] == ["editors_send_closed"]
    assert office.issues.by_slug[SLUG].status is IssueStatus.SENT


def test_a_paused_send_is_neither_woken_nor_closed_but_its_doubts_are_resolved() -> None:
    office = Office(dict.fromkeys((ADA, BEN, CYD), Outcome.UNKNOWN))
    office.sends.add_evidence(SLUG, "00", [ADA])
    office.sends.pause(SLUG, "a person said so", by=PausedBy.PERSON, now=NOW)

    send, _ = office.look(NOW + STUCK_AFTER + GRACE)

    assert send.state is SendState.PAUSED
    assert office.queues.batches == []
    assert office.batch.outcomes[0] is Outcome.SENT


def test_a_settle_message_of_an_unknown_send_is_refused() -> None:
    office = Office()
    office.sends.headers.clear()

    with pytest.raises(UnknownSendError):
        office.look()
