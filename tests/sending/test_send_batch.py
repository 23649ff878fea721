"""A batch to SES: one claim, consent asked again, one attempt, every outcome on record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from newsletter.core.link_token import Purpose, read
from newsletter.errors import StoreBusyError, UnknownSendError, UnreadableBatchError
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.records_read import RecordsRead
from newsletter.sending.adapters.ses_answers import NO_PERMISSION
from newsletter.sending.domain.answer import Answer, Pause, Retry
from newsletter.sending.domain.batch import CLAIM_LEASE, MOST_ATTEMPTS, WORKER_LIFE, Batch, BatchState, batch_of_part
from newsletter.sending.domain.handed import BatchResult, Handed
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.pace import HEADROOM, SQUEEZED_TIMES
from newsletter.sending.domain.pause_end import WINDOW
from newsletter.sending.domain.send import PausedBy, Recipient, Send, SendState
from newsletter.sending.domain.unclear_calls import UnclearCalls
from newsletter.sending.jobs.send_batch import (
    BOOK_AHEAD,
    FRESH,
    NO_ROOM_DELAY,
    SHORT_DELAY,
    WHOLE_ISSUE,
    send_batch,
)
from newsletter.sending.ports import SendPorts
from tests.core.fakes import NOW, VirtualClock
from tests.factories import KEYS, LINKS, SLUG, an_id, rendered, subscriber
from tests.feedback.fakes import MemoryEvidence
from tests.issues.fakes import MemoryContent
from tests.readers.fakes import MemorySubscribers
from tests.sending.fakes import MemoryQueues, MemoryRate, MemorySends, MemoryTransport

ADA, BEN, CYD = (an_id(number) for number in (1, 2, 3))


@dataclass
class Worker:
    """A worker with a batch of three readers before it."""

    people: list[Subscriber] = field(default_factory=lambda: [subscriber(number) for number in (1, 2, 3)])
    transport: MemoryTransport = field(default_factory=MemoryTransport)
    single: MemoryTransport = field(default_factory=lambda: MemoryTransport(entries=8))
    rate: MemoryRate = field(default_factory=MemoryRate)
    queues: MemoryQueues = field(default_factory=MemoryQueues)
    sends: MemorySends = field(default_factory=MemorySends)
    evidence: MemoryEvidence = field(default_factory=MemoryEvidence)
    clock: VirtualClock = field(default_factory=VirtualClock)

    def __post_init__(self) -> None:
        self.subscribers = MemorySubscribers(*self.people)
        self.content = MemoryContent()
        self.content.put_rendered(rendered(topics=("housing",)))
        self.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))
        self.sends.add_batch(Batch.of(SLUG, "00", (ADA, BEN, CYD), now=NOW))

    @property
    def header(self) -> Send:
        return self.sends.headers[SLUG]

    @property
    def batch(self) -> Batch:
        batch = self.sends.batch(SLUG, "00")
        assert batch is not None
        return batch

    def look(self, claim: str = "this worker", **ports: Any) -> Handed:
        own = SendPorts(
            sends=self.sends,
            evidence=self.evidence,
            subscribers=self.subscribers,
            content=self.content,
            transport=self.transport,
            single=self.single,
            rate=self.rate,
            queues=self.queues,
            clock=self.clock,
        )
        ports_used = replace(own, **ports)
        return send_batch(
            SLUG,
            "00",
            claim=claim,
            ports=ports_used,
            links=LINKS,
            reply_to="editors@example.org",
            today=date(2026, 12, 1),
        )


def test_everybody_gets_one_message_and_an_outcome() -> None:
    worker = Worker()

    assert worker.look() == Handed(BatchResult.DONE, sent=3)

    assert worker.transport.mailed == [ADA, BEN, CYD]
    assert worker.batch.outcomes == (Outcome.SENT,) * 3
    assert worker.queues.batches == []


def test_each_message_carries_its_own_one_click_headers_and_tags() -> None:
    worker = Worker()
    worker.look()

    recipient = worker.transport.calls[0][1]
    headers = dict(recipient.headers)
    token = headers["List-Unsubscribe"].partition("token=")[2].partition(">")[0]
    assert read(Purpose.UNSUBSCRIBE, token, KEYS, now=NOW).subscriber_id == BEN
    assert "<mailto:editors@example.org?subject=Unsubscribe>" in headers["List-Unsubscribe"]
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert recipient.tags == {"kind": "issue", "issue": SLUG, "batch": "00", "subscriber": BEN}


def test_a_rehearsal_reaches_no_reader() -> None:
    worker = Worker()
    worker.sends.headers[SLUG] = replace(worker.header, rehearsal_of=SLUG)

    assert worker.look() == Handed(BatchResult.DONE, sent=3)

    (call,) = worker.transport.calls
    assert {recipient.email.partition("@")[2] for recipient in call} == {"simulator.amazonses.com"}
    assert {recipient.tags["kind"] for recipient in call} == {"rehearsal"}


def test_the_same_message_of_the_queue_a_second_time_sends_nothing() -> None:
    worker = Worker()
    worker.look()

    assert worker.look("another worker") == Handed(BatchResult.BATCH_DONE)
    assert len(worker.transport.calls) == 1


def test_of_two_workers_at_one_batch_one_sends() -> None:
    worker = Worker()

    class Overtaken(MemorySends):
        """Another worker claims between our look and our claim."""

        def replace(self, stored: Batch, batch: Batch) -> bool:
            self.batch_items[SLUG, "00"] = stored.claimed("the other worker", now=NOW)
            return super().replace(stored, batch)

    overtaken = Overtaken()
    overtaken.headers, overtaken.batch_items = worker.sends.headers, worker.sends.batch_items

    assert worker.look(sends=overtaken) == Handed(BatchResult.CLAIMED_BY_ANOTHER)
    assert worker.transport.calls == []


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"status": Status.UNSUBSCRIBED}, Outcome.LEFT),
        ({"status": Status.UNCONFIRMED}, Outcome.UNCONFIRMED),
        ({"suppressed": True}, Outcome.SUPPRESSED),
        ({"rests_until": date(2026, 12, 2)}, Outcome.PAUSED),
        ({"muted_topics": ("housing", "rates")}, Outcome.MUTED),
    ],
)
def test_whoever_may_not_be_mailed_any_more_is_skipped_with_the_reason(
    change: dict[str, Any], outcome: Outcome
) -> None:
    worker = Worker(people=[subscriber(1), subscriber(2, **change), subscriber(3)])

    worker.look()

    assert worker.transport.mailed == [ADA, CYD]
    assert worker.batch.outcomes == (Outcome.SENT, outcome, Outcome.SENT)


def test_whoever_was_erased_is_skipped_as_erased() -> None:
    worker = Worker(people=[subscriber(1), subscriber(3)])

    worker.look()

    assert worker.batch.outcomes == (Outcome.SENT, Outcome.ERASED, Outcome.SENT)


def test_leaving_while_the_worker_waits_for_room_is_honoured() -> None:
    worker = Worker(rate=MemoryRate(per_second=1))

    class LeavingClock(VirtualClock):
        """While the worker sleeps, everybody leaves."""

        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if seconds:
                for person in list(worker.subscribers.by_id.values()):
                    worker.subscribers.save(replace(person, status=Status.UNSUBSCRIBED))

    worker.clock = LeavingClock()
    worker.look()

    assert worker.transport.mailed == [ADA]
    assert worker.batch.outcomes == (Outcome.SENT, Outcome.LEFT, Outcome.LEFT)


def test_an_unclear_answer_leaves_everybody_unknown_and_sends_nothing_again() -> None:
    worker = Worker()
    worker.transport.everybody = Outcome.UNKNOWN

    assert worker.look() == Handed(BatchResult.IN_DOUBT)

    assert worker.batch.outcomes == (Outcome.UNKNOWN,) * 3
    assert worker.queues.batches == []
    assert worker.look("another worker") == Handed(BatchResult.BATCH_IN_DOUBT)
    assert len(worker.transport.calls) == 1


@pytest.mark.parametrize("answer", [Retry.OVER_RATE, Retry.TOO_MANY_CALLS, Retry.PASSING])
def test_proof_that_ses_accepted_nobody_leaves_everybody_waiting(answer: Retry) -> None:
    worker = Worker()
    worker.transport.everybody = answer

    assert worker.look() == Handed(BatchResult.PLANNED, waiting=3)
    assert worker.queues.batches == [(SLUG, "00", SHORT_DELAY)]
    assert worker.header.state is SendState.OPEN
    worker.transport.everybody = None
    assert worker.look("the next worker") == Handed(BatchResult.DONE, sent=3)


QUOTA = Pause(PausedBy.QUOTA, "The daily quota is used up.")
SUSPENDED = Pause(PausedBy.SES, "AWS has suspended the account.", heals=True)
NOT_VERIFIED = Pause(PausedBy.SES, "The sender is not verified.")


@pytest.mark.parametrize("pause", [QUOTA, SUSPENDED, NOT_VERIFIED])
def test_an_answer_that_somebody_must_act_on_holds_the_send_and_loses_nobody(pause: Pause) -> None:
    worker = Worker()
    worker.transport.everybody = pause

    assert worker.look() == Handed(BatchResult.PLANNED, waiting=3)

    held = worker.header
    assert (held.state, held.paused_by, held.paused_because) == (SendState.PAUSED, pause.by, pause.because)
    assert worker.queues.batches == []  # whoever resumes the send queues what waits
    assert worker.queues.settles == [(SLUG, 0)]  # so that the editors hear of it at once
    assert worker.batch.state is BatchState.PLANNED
    assert worker.batch.attempts == 0
    assert worker.look("another worker") == Handed(BatchResult.SEND_PAUSED, waiting=3)
    worker.transport.everybody = None
    worker.sends.resume(SLUG, now=NOW)
    assert worker.look("after the pause") == Handed(BatchResult.DONE, sent=3)


def test_the_daily_quota_holds_the_send_until_its_first_mails_leave_the_window() -> None:
    worker = Worker()
    worker.transport.everybody = QUOTA

    worker.look()

    assert worker.header.paused_by is PausedBy.QUOTA
    assert worker.header.resume_at == NOW + WINDOW


@pytest.mark.parametrize(("pause", "alone"), [(SUSPENDED, True), (NOT_VERIFIED, False)])
def test_only_what_the_account_shows_as_mended_can_end_a_pause_alone(pause: Pause, alone: bool) -> None:
    worker = Worker()
    worker.transport.everybody = pause

    worker.look()

    assert (worker.header.resume_at is not None) is alone


def test_whom_ses_took_before_the_quota_ended_is_on_record_and_the_others_wait() -> None:
    worker = Worker()
    worker.transport.answer = answering(reader2=QUOTA)

    assert worker.look() == Handed(BatchResult.PLANNED, sent=2, waiting=1)
    assert worker.batch.outcomes == (Outcome.SENT, None, Outcome.SENT)
    assert worker.header.state is SendState.PAUSED


def test_a_pause_by_a_person_stands_when_a_worker_meets_the_quota_a_moment_later() -> None:
    worker = Worker()

    class Interrupted(MemoryTransport):
        """A person pauses the send while SES is asked."""

        def send(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
            worker.sends.pause(SLUG, "wrong picture", by=PausedBy.PERSON, now=NOW)
            return [QUOTA] * len(recipients)

    worker.look(transport=Interrupted())

    assert (worker.header.paused_by, worker.header.paused_because) == (PausedBy.PERSON, "wrong picture")


def test_an_issue_that_ses_refuses_for_everybody_holds_the_send_and_fails_nobody() -> None:
    worker = Worker(people=[subscriber(number) for number in range(1, WHOLE_ISSUE + 1)])
    worker.sends.batch_items[SLUG, "00"] = Batch.of(SLUG, "00", tuple(worker.subscribers.by_id), now=NOW)
    worker.transport.everybody = Outcome.REJECTED

    assert worker.look() == Handed(BatchResult.PLANNED, waiting=WHOLE_ISSUE)
    assert worker.header.paused_by is PausedBy.SES
    assert "refuses the issue" in worker.header.paused_because


def test_a_batch_that_cannot_be_read_holds_the_send_with_the_name_of_the_item() -> None:
    worker = Worker()

    class Corrupted(MemorySends):
        def batch(self, slug: str, after: str) -> Batch | None:
            raise UnreadableBatchError(f"The item batch#{after} of {slug} in the table of sends cannot be read.")

    corrupted = Corrupted()
    corrupted.headers = worker.sends.headers

    assert worker.look(sends=corrupted) == Handed(BatchResult.UNREADABLE)
    assert worker.transport.calls == []
    assert worker.header.state is SendState.PAUSED
    assert "batch#00" in worker.header.paused_because
    assert worker.queues.settles == [(SLUG, 0)]


def test_a_refused_message_is_a_failure_with_a_reason() -> None:
    worker = Worker()
    worker.transport.everybody = Outcome.REJECTED

    worker.look()

    assert worker.batch.outcomes == (Outcome.REJECTED,) * 3


def answering(**answers: Any) -> Callable[[Recipient], Any]:
    return lambda recipient: answers.get(recipient.email.partition("@")[0], Outcome.SENT)


def test_one_throttled_entry_is_tried_again_and_the_others_are_not() -> None:
    worker = Worker()
    worker.transport.answer = answering(reader2=Retry.OVER_RATE)

    assert worker.look() == Handed(BatchResult.PLANNED, sent=2, waiting=1)
    worker.transport.answer = answering()
    assert worker.look("the next worker") == Handed(BatchResult.DONE, sent=1)
    assert worker.transport.mailed == [ADA, BEN, CYD, BEN]


def test_an_entry_that_fails_again_and_again_becomes_a_failure_with_a_reason() -> None:
    worker = Worker()
    worker.transport.answer = answering(reader2=Retry.FAILED)

    for attempt in range(MOST_ATTEMPTS):
        worker.look(f"worker {attempt}")

    assert worker.batch.outcomes == (Outcome.SENT, Outcome.GAVE_UP, Outcome.SENT)
    assert worker.transport.mailed.count(BEN) == MOST_ATTEMPTS


def test_a_batch_that_needs_many_claims_gives_nobody_up_at_the_first_failure() -> None:
    worker = Worker(rate=MemoryRate(per_second=2))  # one recipient a call
    waiting = worker.sends.batch(SLUG, "00")
    assert waiting is not None
    assert worker.sends.replace(
        waiting, replace(waiting, attempts=MOST_ATTEMPTS)
    )  # others in it were sent to meanwhile
    worker.transport.answer = answering(reader2=Retry.FAILED)

    worker.look()

    assert BEN in worker.batch.waiting


def test_a_throttled_entry_is_never_counted_as_a_failure() -> None:
    worker = Worker()
    worker.transport.answer = answering(reader2=Retry.OVER_RATE)

    for attempt in range(MOST_ATTEMPTS * 3):
        worker.look(f"worker {attempt}")

    assert worker.batch.waiting == (BEN,)


def test_a_long_wait_for_ses_brings_nobody_nearer_to_being_given_up() -> None:
    worker = Worker()
    worker.transport.everybody = Retry.OVER_RATE
    for attempt in range(MOST_ATTEMPTS * 3):
        worker.look(f"worker {attempt}")
    worker.transport.everybody = None
    worker.transport.answer = answering(reader2=Retry.FAILED)

    worker.look("the first that reaches SES")

    assert worker.batch.waiting == (BEN,)


def test_a_call_names_no_more_recipients_than_half_a_second_takes() -> None:
    worker = Worker(rate=MemoryRate(per_second=4))

    worker.look()

    assert [len(call) for call in worker.transport.calls] == [2, 1]
    assert (worker.clock.now() - NOW).total_seconds() == pytest.approx(0.5, rel=0.03)


def test_a_worker_without_room_in_time_claims_nothing_and_comes_back() -> None:
    worker = Worker(rate=MemoryRate(per_second=1, until=NOW + timedelta(seconds=6)))

    assert worker.look() == Handed(BatchResult.NO_ROOM, waiting=3)
    assert worker.transport.calls == []
    assert worker.batch.state is BatchState.PLANNED
    assert worker.queues.batches == [(SLUG, "00", 6)]
    assert worker.clock.now() == NOW, "nobody stands in line: a worker that waits costs money"


def test_batches_without_room_come_back_one_behind_the_other() -> None:
    worker = Worker(rate=MemoryRate(per_second=1, until=NOW + timedelta(seconds=6)))

    for _ in range(3):
        worker.look()

    assert [delay for *_, delay in worker.queues.batches] == [6, 7, 9]


def test_a_batch_leaves_call_by_call_on_one_booking_where_the_account_is_slow() -> None:
    worker = a_large_batch(readers=50, rate=MemoryRate(per_second=14))
    left = []

    class Noting(MemoryTransport):
        def send(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
            left.append((worker.clock.now() - NOW).total_seconds())
            return super().send(rendered, recipients)

    transport = Noting()

    assert worker.look(transport=transport) == Handed(BatchResult.DONE, sent=50)

    assert [len(call) for call in transport.calls] == [7] * 7 + [1]
    assert left == pytest.approx([number * 7 / (14 * HEADROOM) for number in range(8)], abs=1e-3)


def test_a_worker_that_was_held_up_books_anew_for_the_rest_and_hands_over_nothing_at_once() -> None:
    worker = a_large_batch(readers=50, rate=MemoryRate(per_second=14))
    left = []

    class HeldUp(MemoryTransport):
        def send(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
            left.append((worker.clock.now() - NOW).total_seconds())
            if len(left) == 2:
                worker.clock.sleep(3)
            return super().send(rendered, recipients)

    assert worker.look(transport=HeldUp()) == Handed(BatchResult.DONE, sent=50)

    assert left[2] >= left[1] + 3
    assert all(later - earlier == pytest.approx(0.5, abs=0.02) for earlier, later in pairwise(left[2:]))


def test_batches_without_room_are_back_before_what_is_booked_has_left() -> None:
    # All may have given up at the same moment; with a longer delay the account stood idle for the rest of it.
    assert BOOK_AHEAD.total_seconds() > NO_ROOM_DELAY


def test_a_worker_that_only_waits_holds_no_claim() -> None:
    worker = Worker(rate=MemoryRate(per_second=1000, until=NOW + timedelta(seconds=4)))
    states = []

    class Watched(VirtualClock):
        def sleep(self, seconds: float) -> None:
            states.append(worker.batch.state)
            super().sleep(seconds)

    worker.clock = Watched()

    assert worker.look() == Handed(BatchResult.DONE, sent=3)
    assert set(states) == {BatchState.PLANNED}
    assert worker.batch.touched_at - NOW >= timedelta(seconds=4)


@pytest.mark.parametrize("waits", [1, 2])
def test_a_pause_holds_from_the_next_call_on(waits: int) -> None:
    worker = Worker(rate=MemoryRate(per_second=1, until=NOW + timedelta(seconds=1)))

    class Pausing(VirtualClock):
        """Somebody pauses the send while the worker waits for room for the n-th time."""

        waited = 0

        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            self.waited += 1
            if self.waited == waits:
                worker.sends.pause(SLUG, "a person said so", by=PausedBy.PERSON, now=self.now())

    worker.clock = Pausing()
    worker.look()

    assert len(worker.transport.calls) == waits - 1
    assert worker.batch.state is BatchState.PLANNED
    assert len(worker.batch.waiting) == 3 - (waits - 1)


def test_a_throttled_call_slows_every_worker_down() -> None:
    worker = Worker()
    worker.transport.everybody = Retry.OVER_RATE

    worker.look()

    assert worker.rate.pace.share(NOW) == pytest.approx(0.5)


def test_a_passing_fault_slows_nobody_down() -> None:
    worker = Worker()
    worker.transport.everybody = Retry.PASSING

    worker.look()

    assert worker.rate.pace.share(NOW) == 1


def test_calls_throttled_far_below_the_rate_turn_the_send_to_one_by_one_at_full_pace() -> None:
    worker = Worker()
    worker.transport.everybody = Retry.TOO_MANY_CALLS
    for attempt in range(1 + SQUEEZED_TIMES):  # the first is at the full rate, and could be about recipients
        assert worker.header.one_by_one_because == ""
        worker.look(f"worker {attempt}")
        worker.clock.sleep(1)

    assert "SendMode" in worker.header.one_by_one_because
    assert worker.rate.pace.share(worker.clock.now()) == 1
    assert worker.look("the next worker") == Handed(BatchResult.DONE, sent=3)
    assert worker.single.mailed == [ADA, BEN, CYD]


def test_a_call_in_bulk_that_is_not_permitted_is_made_one_by_one_and_mails_everybody_once() -> None:
    worker = Worker()
    worker.transport.everybody = NO_PERMISSION

    assert worker.look() == Handed(BatchResult.PLANNED, waiting=3)
    assert "sandbox" in worker.header.one_by_one_because
    assert worker.header.state is SendState.OPEN
    assert worker.look("the next worker") == Handed(BatchResult.DONE, sent=3)
    assert worker.single.mailed == [ADA, BEN, CYD]


def test_one_that_is_not_permitted_either_way_pauses_the_send() -> None:
    worker = Worker()
    worker.transport.everybody = worker.single.everybody = NO_PERMISSION

    worker.look()
    worker.look("the next worker")

    assert worker.header.state is SendState.PAUSED
    assert worker.header.paused_because == NO_PERMISSION.because


def test_recipients_throttled_far_below_the_rate_do_not_change_the_way() -> None:
    worker = Worker()
    worker.transport.everybody = Retry.OVER_RATE
    for attempt in range(SQUEEZED_TIMES * 3):
        worker.look(f"worker {attempt}")
        worker.clock.sleep(1)

    assert worker.header.one_by_one_because == ""


def test_a_worker_whose_clock_is_minutes_behind_is_not_taken_for_dead_while_it_lives() -> None:
    """AWS refuses requests that are signed more than five minutes off; a worker lives for two and a half at most."""
    behind, life, grace = timedelta(minutes=5), WORKER_LIFE, timedelta(hours=1)
    held = Worker().batch.claimed("a worker in the past", now=NOW - behind)

    assert held.resolved((), now=NOW + life, grace=grace) is None
    assert held.resolved((), now=NOW + CLAIM_LEASE + grace, grace=grace) is not None


def test_a_worker_whose_clock_is_minutes_ahead_cannot_be_mistaken_either() -> None:
    """Its claim looks younger than it is; that only makes settle wait longer."""
    held = Worker().batch.claimed("a worker in the future", now=NOW + timedelta(minutes=5))

    assert held.resolved((), now=NOW + CLAIM_LEASE, grace=timedelta(0)) is None
    late = NOW + timedelta(minutes=5) + WORKER_LIFE
    assert held.resolved((), now=late, grace=timedelta(0)) is not None


def test_a_second_attempt_does_not_mail_whom_the_evidence_names() -> None:
    worker = Worker()
    worker.sends.replace(worker.batch, replace(worker.batch, attempts=1))
    worker.evidence.add(SLUG, "00", [BEN])

    worker.look()

    assert worker.transport.mailed == [ADA, CYD]
    assert worker.batch.outcomes == (Outcome.SENT,) * 3


def test_a_restored_batch_mails_nobody_before_a_person_resumes_its_send() -> None:
    worker = Worker()
    worker.evidence.add(SLUG, "00", [BEN])  # and the batch knows of no attempt

    worker.look()

    assert worker.transport.mailed == []
    assert worker.batch == Batch.of(SLUG, "00", (ADA, BEN, CYD), now=worker.batch.touched_at)
    assert worker.header.paused_by is PausedBy.RECORD
    assert "Resume the send" in worker.header.paused_because

    worker.sends.resume(SLUG, now=NOW)
    worker.look()

    assert worker.transport.mailed == [ADA, CYD]
    assert worker.batch.outcomes == (Outcome.SENT,) * 3


def test_a_paused_send_hands_over_nothing() -> None:
    worker = Worker()
    worker.sends.pause(SLUG, "a person said so", by=PausedBy.PERSON, now=NOW)

    assert worker.look() == Handed(BatchResult.SEND_PAUSED, waiting=3)
    assert worker.transport.calls == []
    assert worker.batch.state is BatchState.PLANNED


def test_a_message_about_an_unknown_batch_is_refused() -> None:
    with pytest.raises(UnknownSendError):
        Worker(sends=MemorySends()).look(sends=MemorySends())


def test_a_worker_that_stumbles_gives_the_claim_back_and_keeps_what_ses_had_answered() -> None:
    worker = Worker(rate=MemoryRate(per_second=1))

    class BusyStore(MemorySubscribers):
        """Answers once, and then asks everybody to slow down."""

        def get_many(self, subscriber_ids: Collection[str]) -> RecordsRead:
            if worker.transport.calls:
                raise StoreBusyError("the database is busy")
            return super().get_many(subscriber_ids)

    with pytest.raises(StoreBusyError):
        worker.look(subscribers=BusyStore(*worker.people))

    assert worker.batch.state is BatchState.PLANNED
    assert worker.batch.outcomes == (Outcome.SENT, None, None)
    assert worker.look("the redelivery") == Handed(BatchResult.DONE, sent=2)
    assert worker.transport.mailed == [ADA, BEN, CYD]


def test_an_error_nobody_foresaw_inside_the_transport_proves_nothing() -> None:
    worker = Worker()
    worker.transport.failure = RuntimeError("a thread died")

    worker.look()

    assert worker.batch.outcomes == (Outcome.UNKNOWN,) * 3


def test_a_claim_that_was_written_though_the_answer_was_lost_is_still_ours() -> None:
    worker = Worker()

    class LostAnswer(MemorySends):
        """Writes, and when the client asks again, finds the write done and refuses."""

        def replace(self, stored: Batch, batch: Batch) -> bool:
            done = super().replace(stored, batch)
            return done and batch.state is not BatchState.CLAIMED

    lossy = LostAnswer()
    lossy.headers, lossy.batch_items = worker.sends.headers, worker.sends.batch_items

    assert worker.look(sends=lossy) == Handed(BatchResult.DONE, sent=3)


def a_large_batch(readers: int = 120, **parts: Any) -> Worker:
    """Return a worker with a batch that takes several calls, of which all leave on one booking."""
    worker = Worker(people=[subscriber(number * 256) for number in range(1, readers + 1)], **parts)
    worker.sends.batch_items[SLUG, "00"] = Batch.of(SLUG, "00", tuple(sorted(worker.subscribers.by_id)), now=NOW)
    return worker


class SlowSes(MemoryTransport):
    """Takes its time for an answer, in which something may happen."""

    def __init__(self, worker: Worker, seconds: float, meanwhile: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self.worker, self.seconds, self.meanwhile = worker, seconds, meanwhile

    def send(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
        answers = super().send(rendered, recipients)
        self.worker.clock.sleep(self.seconds)
        self.meanwhile()
        return answers


def test_a_large_batch_is_handed_over_fifty_a_call_on_one_claim_one_booking_and_one_write() -> None:
    worker = a_large_batch()
    asked: Counter[str] = Counter()

    class CountedSends(MemorySends):
        def replace(self, stored: Batch, batch: Batch) -> bool:
            asked["replace"] += 1
            return super().replace(stored, batch)

    class CountedSubscribers(MemorySubscribers):
        def get_many(self, subscriber_ids: Collection[str]) -> RecordsRead:
            asked["get_many"] += 1
            return super().get_many(subscriber_ids)

    class CountedRate(MemoryRate):
        def reserve(self, *booking: Any, **limits: Any) -> Any:
            asked["reserve"] += 1
            return super().reserve(*booking, **limits)

    sends = CountedSends()
    sends.headers, sends.batch_items = worker.sends.headers, worker.sends.batch_items
    people = CountedSubscribers(*worker.people)

    assert worker.look(sends=sends, subscribers=people, rate=CountedRate()) == Handed(BatchResult.DONE, sent=120)

    assert [len(call) for call in worker.transport.calls] == [50, 50, 20]
    assert asked == {"replace": 2, "get_many": 2, "reserve": 1}
    assert worker.transport.mailed == list(worker.batch.ids)


def test_events_are_told_apart_by_the_part_of_fifty_that_a_recipient_is_in() -> None:
    worker = a_large_batch()
    worker.look()

    parts = [[recipient.tags["batch"] for recipient in call] for call in worker.transport.calls]
    assert parts == [["00"] * 50, ["00-1"] * 50, ["00-2"] * 20]
    assert {batch_of_part(part) for call in parts for part in call} == {"00"}


def test_a_call_without_an_answer_leaves_its_own_recipients_unknown_and_nobody_else() -> None:
    worker = a_large_batch()
    lost = set(worker.batch.ids[50:100])
    worker.transport.answer = lambda who: Outcome.UNKNOWN if who.subscriber_id in lost else Outcome.SENT

    assert worker.look() == Handed(BatchResult.IN_DOUBT, sent=70)
    assert set(worker.batch.in_doubt) == lost


def test_evidence_of_any_part_keeps_its_recipients_from_a_second_mail() -> None:
    worker = a_large_batch()
    proved = worker.batch.ids[7], worker.batch.ids[77], worker.batch.ids[117]
    worker.sends.replace(worker.batch, replace(worker.batch, attempts=1))
    for part, who in zip(("00", "00-1", "00-2"), proved, strict=True):
        worker.evidence.add(SLUG, part, [who])

    assert worker.look() == Handed(BatchResult.DONE, sent=120)
    assert len(worker.transport.mailed) == 117
    assert not set(proved) & set(worker.transport.mailed)


def test_a_pause_holds_before_the_next_call_when_ses_took_its_time() -> None:
    worker = a_large_batch()
    slow = SlowSes(
        worker, 1.5, lambda: worker.sends.pause(SLUG, "a person said so", by=PausedBy.PERSON, now=worker.clock.now())
    )

    assert worker.look(transport=slow) == Handed(BatchResult.PLANNED, sent=50, waiting=70)


def test_leaving_is_honoured_by_the_next_call_when_ses_took_its_time() -> None:
    worker = a_large_batch()

    def everybody_leaves() -> None:
        for person in list(worker.subscribers.by_id.values()):
            worker.subscribers.save(replace(person, status=Status.UNSUBSCRIBED))

    assert worker.look(transport=SlowSes(worker, 1.5, everybody_leaves)) == Handed(BatchResult.DONE, sent=50)
    assert len(worker.batch.with_outcome(Outcome.LEFT)) == 70


def test_what_one_batch_saw_a_moment_ago_the_next_does_not_ask_but_after_a_second_it_does() -> None:
    worker = a_large_batch()
    seen: dict[str, Any] = {}

    worker.look(seen_open=seen)

    assert seen == {SLUG: (worker.clock.now(), worker.header)}
    worker.sends.pause(SLUG, "a person said so", by=PausedBy.PERSON, now=NOW)
    worker.sends.batch_items[SLUG, "00"] = Batch.of(SLUG, "00", worker.batch.ids, now=NOW)
    worker.clock.sleep(FRESH.total_seconds() + 0.001)
    assert worker.look("the next worker", seen_open=seen) == Handed(BatchResult.SEND_PAUSED, waiting=120)
    assert seen == {}


def test_who_need_not_wait_for_room_asks_once_about_the_send() -> None:
    worker = a_large_batch()
    asked: list[str] = []
    get = worker.sends.get
    worker.sends.get = lambda slug: asked.append(slug) or get(slug)  # type: ignore[func-returns-value,method-assign]

    assert worker.look().sent == 120

    assert asked == [SLUG]


def test_no_call_begins_that_could_outlast_the_lease_and_the_rest_comes_back() -> None:
    worker = a_large_batch(readers=400)
    slow = SlowSes(worker, 9.0)

    handed = worker.look(transport=slow)

    assert handed == Handed(BatchResult.PLANNED, sent=250, waiting=150)  # at 0, 9, 18, 27 and 36 seconds
    assert worker.queues.batches == [(SLUG, "00", NO_ROOM_DELAY)]
    assert worker.look("the next worker") == Handed(BatchResult.DONE, sent=150)


def test_a_batch_of_an_older_version_is_handed_over_as_it_was() -> None:
    """It holds fifty at most, and its events name it as a whole."""
    worker = a_large_batch(readers=50)

    assert worker.look() == Handed(BatchResult.DONE, sent=50)
    assert {recipient.tags["batch"] for call in worker.transport.calls for recipient in call} == {"00"}


def test_every_state_that_ends_a_look_has_a_result_of_its_own() -> None:
    sends = {BatchResult(f"send is {state}") for state in SendState if state is not SendState.OPEN}
    batches = {BatchResult(f"batch is {state}") for state in BatchState if state is not BatchState.PLANNED}
    recorded = {BatchResult(state) for state in BatchState if state is not BatchState.CLAIMED}

    assert len(sends | batches | recorded) == 9


@pytest.mark.parametrize("answer", [Outcome.UNKNOWN, Retry.PASSING])
def test_three_calls_in_a_row_without_a_clear_answer_pause_the_send_until_ses_answers(answer: Answer) -> None:
    threads, unclear = [Worker() for _ in range(5)], UnclearCalls()
    for worker, said in zip(threads, (answer, Outcome.SENT, answer, answer, answer), strict=True):
        assert worker.header.state is SendState.OPEN
        worker.transport.everybody = said
        worker.look(unclear=unclear)

    paused = [worker.header.paused_by for worker in threads]
    assert paused == [None, None, None, None, PausedBy.OUTAGE]
    assert threads[-1].header.resume_at is not None  # it goes on alone
    assert threads[-1].queues.batches == []


def test_failures_of_an_outage_are_not_counted_towards_giving_up() -> None:
    worker = Worker()
    failed = replace(worker.batch, failures=(MOST_ATTEMPTS - 1,) * 3)
    assert worker.sends.replace(worker.batch, failed)
    worker.sends.change(SLUG, lambda send: replace(send, outage_ended_at=worker.clock.now()))
    worker.transport.everybody = Retry.FAILED

    worker.look()

    assert worker.batch.outcomes == (None, None, None)
