"""Settling: doubts end by evidence, what got stuck is woken, and the books close only when they balance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from newsletter.core.editors import Editors
from newsletter.errors import (
    AccountUnknownError,
    SendingPausedError,
    SendThrottledError,
    StoreBusyError,
    UnknownSendError,
    UnreadableBatchError,
)
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.domain.shard import Shard, shards
from newsletter.sending.adapters.ses_account import FRESH
from newsletter.sending.domain.batch import CLAIM_LEASE, MOST_DOUBTS, WORKER_LIFE, Batch, BatchState
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.forecast import forecast
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.pause_end import HEARSAY
from newsletter.sending.domain.quota import Account, Allowance
from newsletter.sending.domain.send import Again, PausedBy, Send, SendState
from newsletter.sending.jobs.settle import STUCK_AFTER, settle
from newsletter.sending.ports import SettlePorts
from newsletter.sending.probe_ses import GRACES
from tests.core.fakes import NOW, TEAM, MemoryMailer, PlainMails
from tests.factories import SLUG, an_id, record, subscriber
from tests.feedback.fakes import MemoryEvidence
from tests.issues.fakes import MemoryIssues
from tests.readers.fakes import MemorySubscribers
from tests.sending.fakes import (
    MemoryAudienceCount,
    MemoryDueReports,
    MemoryQueues,
    MemorySends,
    MemorySweeps,
    PlainAccount,
    plain_channel,
)

ADA, BEN, CYD = (an_id(number) for number in (1, 2, 3))
GRACE = timedelta(hours=1)
A_DAY = GRACE * GRACES


@dataclass
class Office:
    """A send of one batch, planned to its end."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    claimed: bool = False
    planned: bool = True
    account: PlainAccount = field(default_factory=PlainAccount)

    def __post_init__(self) -> None:
        self.sends, self.queues, self.mailer = MemorySends(), MemoryQueues(), MemoryMailer()
        self.evidence, self.due_reports = MemoryEvidence(), MemoryDueReports()
        self.issues = MemoryIssues(record(status=IssueStatus.SENDING, listed=True))
        self.audience_count, self.sweeps = MemoryAudienceCount(), MemorySweeps(self.sends)
        self.channel = plain_channel()
        self.audience = MemorySubscribers(*(subscriber(number) for number in (1, 2, 3)))
        self.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))
        batch = Batch.of(SLUG, "00", (ADA, BEN, CYD), now=NOW).claimed("worker", now=NOW)
        if not self.claimed:
            batch = batch.recorded(self.outcomes, now=NOW)
        self.sends.add_batch(batch)
        if self.planned:
            for shard in shards(16):
                self.sends.finish_shard(SLUG, shard)

    def look(self, now: datetime = NOW, *, hold: bool = False) -> tuple[Send, Books]:
        return settle(SLUG, ports=self.ports, grace=GRACE, hold=hold, now=now)

    @property
    def ports(self) -> SettlePorts:
        return SettlePorts(
            sends=self.sends,
            evidence=self.evidence,
            due_reports=self.due_reports,
            issues=self.issues,
            queues=self.queues,
            publish_queue=self.queues,
            report_queue=self.queues,
            sweeps=self.sweeps,
            audience=self.audience,
            audience_count=self.audience_count,
            account=self.account,
            channel=self.channel,
            editors=Editors(self.mailer, PlainMails(), TEAM),
        )

    @property
    def batch(self) -> Batch:
        batch = self.sends.batch(SLUG, "00")
        assert batch is not None
        return batch


EVERYBODY = {ADA: Outcome.SENT, BEN: Outcome.LEFT, CYD: Outcome.REJECTED}


def test_books_that_balance_are_closed_and_their_report_is_asked_for() -> None:
    office = Office(EVERYBODY)

    send, books = office.look()

    assert send.state is SendState.CLOSED
    assert send.books == books == Books(3, sent=1, skipped={"left": 1}, failed={"rejected": 1})
    assert office.issues.by_slug[SLUG].status is IssueStatus.SENT
    assert office.issues.by_slug[SLUG].sent_at == NOW
    assert office.queues.reports == [(SLUG, 0)]
    assert office.mailer.outbox == []


def test_the_first_look_says_what_to_expect_and_no_later_one_changes_that() -> None:
    office = Office({ADA: Outcome.SENT})
    office.account.allowed = Allowance(per_second=14, per_day=1, left_today=1)

    send, _ = office.look()

    assert send.forecast == forecast(3, office.account.allowed)
    assert send.expected_end is not None
    assert send.expected_end == NOW + send.forecast.duration * 1.1
    assert not send.is_late(send.expected_end)
    assert send.is_late(send.expected_end + timedelta(seconds=1))
    office.audience.by_id.clear()
    assert office.look(NOW + GRACE)[0].forecast == send.forecast


def test_a_send_of_seconds_is_not_late_before_its_books_can_be_closed() -> None:
    send, _ = Office({ADA: Outcome.SENT}).look()

    assert not send.is_late(NOW + timedelta(minutes=9))
    assert send.is_late(NOW + timedelta(minutes=11))


class NobodyKnows(PlainAccount):
    """SES does not answer."""

    def allowance(self) -> Allowance:
        raise AccountUnknownError

    def read(self) -> Account:
        raise AccountUnknownError


def test_a_send_goes_on_without_a_forecast_while_ses_does_not_say_what_it_allows() -> None:
    office = Office({ADA: Outcome.SENT, BEN: Outcome.UNKNOWN}, account=NobodyKnows())
    office.evidence.add(SLUG, "00", [BEN])

    send, books = office.look()

    assert (send.state, send.forecast, books.sent) == (SendState.OPEN, None, 2)
    office.account = PlainAccount()
    assert office.look(NOW + GRACE)[0].forecast is not None


def test_a_pause_lasts_while_ses_does_not_say_how_the_account_stands_and_doubts_end_meanwhile() -> None:
    office = Office(dict.fromkeys((ADA, BEN, CYD), Outcome.UNKNOWN), account=NobodyKnows())
    office.sends.pause(SLUG, "The quota is used up.", by=PausedBy.QUOTA, resume_at=NOW, now=NOW)
    office.evidence.add(SLUG, "00", [ADA, BEN, CYD])

    send, books = office.look(NOW + timedelta(minutes=1))

    assert (send.state, books.sent) == (SendState.PAUSED, 3)


def test_another_try_has_no_forecast_and_is_never_late() -> None:
    office = Office(EVERYBODY)
    office.look()
    office.sends.change(SLUG, lambda send: send.held_for_another_try("why", whom=Again.FAILED, now=NOW))
    office.sends.resume(SLUG, now=NOW)

    send, _ = office.look(NOW + timedelta(days=3))

    assert send.expected_end is None
    assert not send.is_late(NOW + timedelta(days=9))


def test_closed_books_are_not_closed_again() -> None:
    office = Office(EVERYBODY)
    office.look()

    send, _ = office.look(NOW + GRACE)

    assert send.closed_at == NOW
    assert len(office.queues.reports) == 1


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
    assert office.queues.openings == []
    office.look(NOW + STUCK_AFTER)
    assert (office.queues.openings, office.queues.plans) == ([SLUG], [])  # the page comes first, and wakes the planners


def test_evidence_turns_a_doubt_into_sent() -> None:
    office = Office(dict.fromkeys((ADA, BEN, CYD), Outcome.UNKNOWN))
    office.evidence.add(SLUG, "00", [ADA, BEN, CYD])

    assert office.look()[0].state is SendState.CLOSED


def test_without_evidence_or_proof_nobody_in_doubt_is_mailed_again_within_a_day() -> None:
    office = Office({ADA: Outcome.SENT, BEN: Outcome.UNKNOWN, CYD: Outcome.UNKNOWN})
    office.evidence.add(SLUG, "00", [BEN])

    for moment in (NOW, NOW + GRACE, NOW + A_DAY - timedelta(seconds=1)):
        office.look(moment)
    assert office.queues.batches == []

    office.look(NOW + A_DAY)
    assert office.queues.batches == [(SLUG, "00", 0)]
    assert office.batch.outcomes == (Outcome.SENT, Outcome.SENT, None)


def test_a_batch_whose_worker_died_is_planned_again_for_whom_there_is_no_evidence() -> None:
    office = Office(claimed=True)
    office.evidence.add(SLUG, "00", [BEN])

    office.look(NOW + A_DAY)
    assert not office.queues.batches

    office.look(NOW + A_DAY + CLAIM_LEASE)
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


def test_a_report_that_could_not_be_asked_for_is_asked_for_by_the_next_look_and_then_no_more() -> None:
    office = Office(EVERYBODY)
    working, office.queues = office.queues, QueuesOutOfOrder()
    with pytest.raises(StoreBusyError):
        office.look()
    office.queues = working

    office.look()
    office.look()

    assert office.queues.reports == [(SLUG, 0)]
    assert office.issues.by_slug[SLUG].status is IssueStatus.SENT


def test_a_paused_send_is_neither_woken_nor_closed_but_its_doubts_are_resolved() -> None:
    office = Office(dict.fromkeys((ADA, BEN, CYD), Outcome.UNKNOWN))
    office.evidence.add(SLUG, "00", [ADA])
    office.sends.pause(SLUG, "a person said so", by=PausedBy.PERSON, now=NOW)

    send, _ = office.look(NOW + STUCK_AFTER + GRACE)

    assert send.state is SendState.PAUSED
    assert office.queues.batches == []
    assert office.batch.outcomes[0] is Outcome.SENT


class Corrupted(MemorySends):
    def batches(self, slug: str, shard: Shard | None = None, *, round_number: int = 1) -> Iterator[Batch]:
        raise UnreadableBatchError("The item batch#00 cannot be read.")


def test_a_batch_that_cannot_be_read_holds_the_send_and_the_editors_hear_of_it_once() -> None:
    office = Office(EVERYBODY)
    corrupted = Corrupted()
    corrupted.headers = office.sends.headers
    office.sends = corrupted

    for _ in range(2):
        send, _ = office.look()

    assert (send.state, send.paused_by) == (SendState.PAUSED, PausedBy.RECORD)
    assert "batch#00 cannot be read. `newsletter send repair`" in send.paused_because
    assert len(office.mailer.outbox) == 1


def test_a_batch_that_cannot_be_read_is_not_passed_over_while_its_send_is_cancelled() -> None:
    office = Office(EVERYBODY)
    office.sends.cancel(SLUG, because="wrong issue", now=NOW)
    corrupted = Corrupted()
    corrupted.headers = office.sends.headers
    office.sends = corrupted

    with pytest.raises(UnreadableBatchError):
        office.look()


def test_a_settle_message_of_an_unknown_send_is_refused() -> None:
    office = Office()
    office.sends.headers.clear()

    with pytest.raises(UnknownSendError):
        office.look()


def in_doubt() -> Office:
    return Office({ADA: Outcome.SENT, BEN: Outcome.UNKNOWN, CYD: Outcome.UNKNOWN})


def test_where_doubts_are_held_nobody_is_mailed_again_and_the_books_say_so() -> None:
    office = in_doubt()
    office.evidence.add(SLUG, "00", [BEN])

    assert office.look(NOW + A_DAY - timedelta(seconds=1), hold=True)[0].state is SendState.OPEN
    send, books = office.look(NOW + A_DAY, hold=True)

    assert office.queues.batches == []
    assert send.books == books == Books(3, sent=2, failed={"unproven": 1})


def test_nobody_is_planned_again_without_evidence_more_than_three_times() -> None:
    office, now = in_doubt(), NOW
    for _ in range(MOST_DOUBTS):
        now += A_DAY
        office.look(now)
        waiting = office.batch
        claimed = waiting.claimed("worker", now=now)
        office.sends.replace(waiting, claimed)
        unclear = dict.fromkeys(waiting.waiting, Outcome.UNKNOWN)
        office.sends.replace(claimed, claimed.recorded(unclear, now=now))

    send, books = office.look(now + A_DAY)

    assert len(office.queues.batches) == MOST_DOUBTS
    assert send.books == books == Books(3, sent=1, failed={"unproven": 2}, perhaps_twice=2)


def test_evidence_that_comes_while_the_verdict_is_written_is_not_overlooked() -> None:
    office = in_doubt()
    accepted = office.evidence.accepted

    def arriving(slug: str, after: str) -> frozenset[str]:
        before = accepted(slug, after)
        office.evidence.add(slug, after, office.batch.ids)
        return before

    office.evidence.accepted = arriving  # type: ignore[method-assign]

    send, books = office.look(NOW + A_DAY, hold=True)

    assert send.books == books == Books(3, sent=3)


def test_evidence_that_comes_after_the_verdict_still_counts() -> None:
    office = Office({ADA: Outcome.SENT, BEN: Outcome.UNPROVEN})
    office.evidence.add(SLUG, "00", [BEN])

    office.look()

    assert office.batch.outcomes == (Outcome.SENT, Outcome.SENT, None)


def test_cancelling_leaves_nobody_waiting_and_closes_books_that_balance() -> None:
    office = Office({ADA: Outcome.SENT}, planned=False)
    office.sends.cancel(SLUG, because="the wrong issue", now=NOW)

    send, books = office.look()

    assert send.books == books == Books(3, sent=1, skipped={"cancelled": 2})
    assert office.issues.by_slug[SLUG].status is IssueStatus.CANCELLED
    assert (office.queues.batches, office.queues.plans, office.queues.openings) == ([], [], [])


def test_cancelling_waits_for_a_worker_and_never_repeats_a_doubt() -> None:
    office = Office(claimed=True)
    office.evidence.add(SLUG, "00", [BEN])
    office.sends.cancel(SLUG, because="the wrong issue", now=NOW)

    assert office.look()[0].state is SendState.CANCELLING
    send, books = office.look(NOW + GRACE + CLAIM_LEASE)

    assert send.books == books == Books(3, sent=1, failed={"unproven": 2})


def test_a_planner_who_was_slow_cannot_add_anybody_to_a_cancelled_send() -> None:
    office = Office(EVERYBODY, planned=False)
    office.sends.cancel(SLUG, because="the wrong issue", now=NOW)
    office.look()

    assert not office.sends.add_batch(Batch.of(SLUG, CYD, (an_id(256),), now=NOW))
    assert not office.sends.add_batch(Batch.of(SLUG, "10", (an_id(257),), now=NOW))


def test_a_claim_is_not_taken_from_a_worker_who_may_live_however_short_the_grace_period_is() -> None:
    claimed = Batch.of(SLUG, "00", (ADA,), now=NOW).claimed("worker", now=NOW)

    assert not claimed.is_dead(now=NOW + WORKER_LIFE - timedelta(seconds=1), grace=timedelta(seconds=1))
    assert claimed.is_dead(now=NOW + WORKER_LIFE, grace=timedelta(seconds=1))


def filled(sent: float, **changes: Any) -> Account:
    return Account(max_send_rate=14, max_24_hour_send=50_000, sent_last_24_hours=sent, **changes)


@pytest.mark.parametrize(
    ("account", "hours", "state"),
    [
        (filled(50_000), 30, SendState.PAUSED),  # the time has come, and the room has not
        (filled(45_001), 1, SendState.PAUSED),  # a trickle would pause again at once
        (filled(45_000), 1, SendState.OPEN),  # somebody else's mail left the window early
        (filled(49_500), 21, SendState.OPEN),
        (filled(0, sending_enabled=False), 30, SendState.PAUSED),
        (filled(0, enforcement_status="SHUTDOWN"), 30, SendState.PAUSED),
        (Account(max_send_rate=14, max_24_hour_send=-1, sent_last_24_hours=9), 1, SendState.OPEN),
    ],
)
def test_the_live_account_decides_when_a_pause_for_the_quota_ends(
    account: Account, hours: int, state: SendState
) -> None:
    office = Office({ADA: Outcome.SENT}, account=PlainAccount(account=account))
    office.sends.pause(SLUG, "quota", by=PausedBy.QUOTA, resume_at=NOW + timedelta(hours=20), now=NOW)

    assert office.look(NOW + timedelta(hours=hours))[0].state is state


def test_a_pause_by_ses_ends_alone_only_when_the_account_itself_shows_that_it_is_over() -> None:
    suspended = PlainAccount(account=filled(0, enforcement_status="SHUTDOWN"))
    office = Office({ADA: Outcome.SENT}, account=suspended)
    office.sends.pause(SLUG, "AWS has suspended the account.", by=PausedBy.SES, resume_at=NOW, now=NOW)

    assert office.look()[0].state is SendState.PAUSED
    suspended.account = filled(0)
    assert office.look(NOW + HEARSAY)[0].state is SendState.OPEN
    assert [sent.mail.subject for sent in office.mailer.outbox] == ["editors_send_paused", "editors_send_resumed"]


@pytest.mark.parametrize("by", [PausedBy.QUOTA, PausedBy.SES])
def test_an_account_that_was_read_before_the_pause_does_not_end_it(by: PausedBy) -> None:
    office = Office({ADA: Outcome.SENT}, account=PlainAccount(account=filled(0)))
    office.sends.pause(SLUG, "SES said so just now", by=by, resume_at=NOW, now=NOW)

    assert office.look(NOW + FRESH)[0].state is SendState.PAUSED
    assert (office.queues.openings, office.queues.plans) == ([], [])
    assert office.look(NOW + HEARSAY)[0].state is SendState.OPEN


def test_what_the_account_cannot_show_waits_for_a_person() -> None:
    office = Office({ADA: Outcome.SENT})
    office.sends.pause(SLUG, "The sender is not verified.", by=PausedBy.SES, now=NOW)

    assert office.look(NOW + timedelta(days=3))[0].state is SendState.PAUSED


def test_a_pause_for_the_quota_ends_alone_and_the_editors_hear_of_both_once() -> None:
    office = Office({ADA: Outcome.SENT})
    tomorrow = NOW + timedelta(hours=20)
    office.sends.pause(SLUG, "The quota is used up.", by=PausedBy.QUOTA, resume_at=tomorrow, now=NOW)

    office.account.account = filled(50_000)
    assert office.look()[0].state is SendState.PAUSED
    office.look(tomorrow - timedelta(seconds=1))
    assert (office.queues.openings, office.queues.plans) == ([], [])
    office.account.account = filled(40_000)
    assert office.look(tomorrow)[0].state is SendState.OPEN
    office.look(tomorrow)

    assert (office.queues.openings, office.queues.plans) == ([SLUG], [])
    assert office.queues.batches == []  # the planners queue what waits; it is not stuck because it rested
    assert [sent.mail.subject for sent in office.mailer.outbox] == ["editors_send_paused", "editors_send_resumed"]
    assert "The quota is used up." in office.mailer.outbox[0].mail.text


def test_a_quota_that_is_used_up_for_the_editors_too_keeps_no_doubt_from_being_resolved() -> None:
    office = Office(
        {ADA: Outcome.SENT, BEN: Outcome.UNKNOWN, CYD: Outcome.LEFT}, account=PlainAccount(account=filled(50_000))
    )
    office.sends.pause(SLUG, "quota", by=PausedBy.QUOTA, resume_at=NOW + timedelta(hours=20), now=NOW)
    office.evidence.add(SLUG, "00", [BEN])
    office.mailer.failure = SendThrottledError("the daily quota is used up")

    assert office.look()[1].sent == 2
    office.mailer.failure = None
    office.look()

    assert [sent.mail.subject for sent in office.mailer.outbox] == ["editors_send_paused"]


def test_an_account_that_may_not_mail_the_editors_keeps_no_look_from_its_work_and_they_hear_of_it_later() -> None:
    office = Office({ADA: Outcome.SENT, BEN: Outcome.UNKNOWN, CYD: Outcome.LEFT})
    office.sends.pause(SLUG, "AWS has suspended the account.", by=PausedBy.SES, now=NOW)
    office.evidence.add(SLUG, "00", [BEN])
    office.mailer.failure = SendingPausedError("the account is suspended")

    for _ in range(2):
        office.look()
    assert office.batch.outcomes[1] is Outcome.SENT

    office.mailer.failure = None
    office.look()
    assert [sent.mail.subject for sent in office.mailer.outbox] == ["editors_send_paused"]


def test_nobody_hears_that_a_send_goes_on_which_is_being_cancelled() -> None:
    office = Office({ADA: Outcome.SENT}, account=PlainAccount(account=filled(50_000)))
    office.sends.pause(SLUG, "quota", by=PausedBy.QUOTA, resume_at=NOW + timedelta(hours=20), now=NOW)
    office.look()
    office.sends.cancel(SLUG, because="a wrong link", now=NOW)

    assert office.look()[0].state is SendState.CLOSED
    assert [sent.mail.subject for sent in office.mailer.outbox] == ["editors_send_paused"]


def test_what_a_person_holds_needs_no_mail_and_does_not_end_alone() -> None:
    office = Office({ADA: Outcome.SENT})
    office.sends.pause(SLUG, "quota", by=PausedBy.QUOTA, resume_at=NOW, now=NOW)
    office.sends.pause(SLUG, "a person said so", by=PausedBy.PERSON, now=NOW)

    assert office.look(NOW + STUCK_AFTER)[0].state is SendState.PAUSED
    assert office.mailer.outbox == []


def test_an_issue_withdrawn_between_the_closing_and_the_report_is_reported_and_not_left_paused() -> None:
    office = Office(EVERYBODY)
    working, office.queues = office.queues, QueuesOutOfOrder()
    with pytest.raises(StoreBusyError):
        office.look()
    office.issues.set_status(SLUG, IssueStatus.PAUSED)
    office.queues = working

    office.look()

    assert office.issues.by_slug[SLUG].status is IssueStatus.SENT
    assert office.queues.reports == [(SLUG, 0)]


def test_a_shard_that_is_through_is_not_read_again_until_its_outcomes_change() -> None:
    office = Office(EVERYBODY)
    office.sends.add_batch(Batch.of(SLUG, "10", (an_id(257),), now=NOW))
    office.look()
    reads = CountingReads(office.sends)

    _, books = office.look()

    assert books == Books(4, sent=1, waiting=1, skipped={"left": 1}, failed={"rejected": 1})
    assert "00" not in reads.shards
    assert len(reads.shards) == 15
    office.sends.change(SLUG, Send.to_be_counted_again)
    before = office.batch
    refused = before.refused([ADA], Outcome.RENDERING, now=NOW)
    assert refused is not None
    assert office.sends.replace(before, refused)
    assert office.look()[1].failed == {"rejected": 1, "rendering": 1}


def test_books_that_change_after_their_report_give_one_more_with_the_next_hour_however_often() -> None:
    office = Office(EVERYBODY)
    office.look()
    office.sends.change(SLUG, lambda send: send.with_report_mailed(1))
    for minute in range(3):
        office.sends.change(SLUG, Send.to_be_counted_again)
        office.look(NOW + timedelta(minutes=minute))

    assert office.queues.reports == [(SLUG, 0)]
    assert office.due_reports.due_by(NOW + timedelta(hours=1)) == [(SLUG, NOW + timedelta(hours=1))]


class QueuesOutOfOrder(MemoryQueues):
    """Takes no wish for a report."""

    def report(self, slug: str, *, delay: int = 0) -> None:
        raise StoreBusyError("SQS is busy")


class CountingReads:
    """Notes which shards are read from now on."""

    def __init__(self, sends: MemorySends) -> None:
        self.shards: list[str] = []
        read = sends.batches

        def batches(slug: str, shard: Shard | None = None, *, round_number: int = 1) -> Iterator[Batch]:
            self.shards.append(shard.first if shard else "all")
            return read(slug, shard, round_number=round_number)

        sends.batches = batches  # type: ignore[method-assign]
