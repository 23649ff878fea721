"""A batch to SES: one claim, consent asked again, one attempt, every outcome on record."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from newsletter.domain.batch import MOST_ATTEMPTS, Batch, BatchState
from newsletter.domain.link_token import Purpose, read
from newsletter.domain.outcome import Outcome, Wait
from newsletter.domain.send import PausedBy, Recipient, Send
from newsletter.domain.subscriber import Status, Subscriber
from newsletter.domain.suppression import Suppression, SuppressionReason
from newsletter.errors import (
    SendingPausedError,
    SendOutcomeUnknownError,
    SendRejectedError,
    SendThrottledError,
    StoreBusyError,
    UnknownSendError,
)
from newsletter.jobs.send_batch import DELAY, SHORT_DELAY, Handed, send_batch
from newsletter.ports import SendPorts
from tests.factories import KEYS, LINKS, SLUG, an_id, rendered, subscriber
from tests.fakes import (
    NOW,
    MemoryContent,
    MemoryQueues,
    MemoryRate,
    MemorySends,
    MemorySubscribers,
    MemorySuppressions,
    MemoryTransport,
    VirtualClock,
)

ADA, BEN, CYD = (an_id(number) for number in (1, 2, 3))


@dataclass
class Worker:
    """A worker with a batch of three readers before it."""

    people: list[Subscriber] = field(default_factory=lambda: [subscriber(number) for number in (1, 2, 3)])
    transport: MemoryTransport = field(default_factory=MemoryTransport)
    rate: MemoryRate = field(default_factory=MemoryRate)
    suppressions: MemorySuppressions = field(default_factory=MemorySuppressions)
    queues: MemoryQueues = field(default_factory=MemoryQueues)
    sends: MemorySends = field(default_factory=MemorySends)
    clock: VirtualClock = field(default_factory=VirtualClock)

    def __post_init__(self) -> None:
        self.subscribers = MemorySubscribers(*self.people)
        self.content = MemoryContent()
        self.content.put_rendered(rendered(topics=("housing",)))
        self.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))
        self.sends.add_batch(Batch.of(SLUG, "00", (ADA, BEN, CYD), now=NOW))

    @property
    def batch(self) -> Batch:
        batch = self.sends.batch(SLUG, "00")
        assert batch is not None
        return batch

    def look(self, claim: str = "this worker", **ports: Any) -> Handed:
        own = SendPorts(
            sends=self.sends,
            subscribers=self.subscribers,
            suppressions=self.suppressions,
            content=self.content,
            transport=self.transport,
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

    assert worker.look() == Handed("done", sent=3)

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


def test_the_same_message_of_the_queue_a_second_time_sends_nothing() -> None:
    worker = Worker()
    worker.look()

    assert worker.look("another worker") == Handed("batch is done")
    assert len(worker.transport.calls) == 1


def test_of_two_workers_at_one_batch_one_sends() -> None:
    worker = Worker()

    class Overtaken(MemorySends):
        """Another worker claims between our look and our claim."""

        def replace(self, before: Batch, after: Batch) -> bool:
            self.batch_items[SLUG, "00"] = before.claimed("the other worker", now=NOW)
            return super().replace(before, after)

    overtaken = Overtaken()
    overtaken.headers, overtaken.batch_items = worker.sends.headers, worker.sends.batch_items

    assert worker.look(sends=overtaken) == Handed("claimed by another worker")
    assert worker.transport.calls == []


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"status": Status.UNSUBSCRIBED}, Outcome.LEFT),
        ({"status": Status.UNCONFIRMED}, Outcome.UNCONFIRMED),
        ({"suppressed": True}, Outcome.SUPPRESSED),
        ({"paused_until": date(2026, 12, 2)}, Outcome.PAUSED),
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


def test_whoever_was_erased_is_skipped() -> None:
    worker = Worker(people=[subscriber(1), subscriber(3)])

    worker.look()

    assert worker.batch.outcomes == (Outcome.SENT, Outcome.ERASED, Outcome.SENT)


def test_whoever_is_on_the_suppression_list_is_skipped_though_the_record_does_not_say_so_yet() -> None:
    worker = Worker(suppressions=MemorySuppressions(Suppression(BEN, SuppressionReason.COMPLAINT, NOW)))

    worker.look()

    assert worker.transport.mailed == [ADA, CYD]
    assert worker.batch.outcomes[1] is Outcome.SUPPRESSED


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
    worker.transport.failure = SendOutcomeUnknownError("SES gave no answer")

    assert worker.look() == Handed("in_doubt")

    assert worker.batch.outcomes == (Outcome.UNKNOWN,) * 3
    assert worker.queues.batches == []
    assert worker.look("another worker") == Handed("batch is in_doubt")
    assert len(worker.transport.calls) == 1


@pytest.mark.parametrize(
    ("failure", "delay"),
    [
        (SendThrottledError("rate"), DELAY[Wait.SOON]),
        (SendThrottledError("quota", daily=True), DELAY[Wait.LONG]),
        (SendingPausedError("account"), DELAY[Wait.LONG]),
    ],
)
def test_proof_that_ses_accepted_nobody_leaves_everybody_waiting(failure: Exception, delay: int) -> None:
    worker = Worker()
    worker.transport.failure = failure

    assert worker.look() == Handed("planned", waiting=3)
    assert worker.queues.batches == [(SLUG, "00", delay)]
    worker.transport.failure = None
    assert worker.look("the next worker") == Handed("done", sent=3)


def test_a_refused_message_is_a_failure_with_a_reason() -> None:
    worker = Worker()
    worker.transport.failure = SendRejectedError("BadRequestException")

    worker.look()

    assert worker.batch.outcomes == (Outcome.REJECTED,) * 3


def answering(**answers: Any) -> Callable[[Recipient], Any]:
    return lambda recipient: answers.get(recipient.email.partition("@")[0], Outcome.SENT)


def test_one_throttled_entry_is_tried_again_and_the_others_are_not() -> None:
    worker = Worker()
    worker.transport.answer = answering(reader2=Wait.SOON)

    assert worker.look() == Handed("planned", sent=2, waiting=1)
    worker.transport.answer = answering()
    assert worker.look("the next worker") == Handed("done", sent=1)
    assert worker.transport.mailed == [ADA, BEN, CYD, BEN]


def test_an_entry_that_fails_again_and_again_becomes_a_failure_with_a_reason() -> None:
    worker = Worker()
    worker.transport.answer = answering(reader2=Outcome.GAVE_UP)

    for attempt in range(MOST_ATTEMPTS):
        worker.look(f"worker {attempt}")

    assert worker.batch.outcomes == (Outcome.SENT, Outcome.GAVE_UP, Outcome.SENT)
    assert worker.transport.mailed.count(BEN) == MOST_ATTEMPTS


def test_a_throttled_entry_is_never_counted_as_a_failure() -> None:
    worker = Worker()
    worker.transport.answer = answering(reader2=Wait.SOON)

    for attempt in range(MOST_ATTEMPTS * 3):
        worker.look(f"worker {attempt}")

    assert worker.batch.waiting == (BEN,)


def test_a_long_wait_for_ses_brings_nobody_nearer_to_being_given_up() -> None:
    worker = Worker()
    worker.transport.failure = SendThrottledError("rate")
    for attempt in range(MOST_ATTEMPTS * 3):
        worker.look(f"worker {attempt}")
    worker.transport.failure = None
    worker.transport.answer = answering(reader2=Outcome.GAVE_UP)

    worker.look("the first that reaches SES")

    assert worker.batch.waiting == (BEN,)


def test_a_call_names_no_more_recipients_than_the_account_may_mail_in_a_second() -> None:
    worker = Worker(rate=MemoryRate(per_second=2))

    worker.look()

    assert [len(call) for call in worker.transport.calls] == [2, 1]
    assert (worker.clock.now() - NOW).total_seconds() == pytest.approx(1)


def test_a_worker_without_room_in_time_gives_the_claim_back_unused() -> None:
    worker = Worker(rate=MemoryRate(per_second=1, until=NOW.replace(minute=30)))

    assert worker.look() == Handed("planned", waiting=3)
    assert worker.transport.calls == []
    assert worker.queues.batches == [(SLUG, "00", SHORT_DELAY)]


def test_a_second_attempt_does_not_mail_whom_the_evidence_names() -> None:
    worker = Worker()
    worker.sends.replace(worker.batch, replace(worker.batch, attempts=1))
    worker.sends.add_evidence(SLUG, "00", [BEN])

    worker.look()

    assert worker.transport.mailed == [ADA, CYD]
    assert worker.batch.outcomes == (Outcome.SENT,) * 3


def test_a_paused_send_hands_over_nothing() -> None:
    worker = Worker()
    worker.sends.pause(SLUG, "a person said so", by=PausedBy.PERSON, now=NOW)

    assert worker.look() == Handed("send is paused", waiting=3)
    assert worker.transport.calls == []
    assert worker.batch.state is BatchState.PLANNED


def test_a_message_about_an_unknown_batch_is_refused() -> None:
    with pytest.raises(UnknownSendError):
        Worker(sends=MemorySends()).look(sends=MemorySends())


def test_a_worker_that_stumbles_gives_the_claim_back_and_keeps_what_ses_had_answered() -> None:
    worker = Worker(rate=MemoryRate(per_second=1))

    class BusyStore(MemorySubscribers):
        """Answers once, and then asks everybody to slow down."""

        def get_many(self, subscriber_ids: Collection[str]) -> Mapping[str, Subscriber]:
            if worker.transport.calls:
                raise StoreBusyError("the database is busy")
            return super().get_many(subscriber_ids)

    with pytest.raises(StoreBusyError):
        worker.look(subscribers=BusyStore(*worker.people))

    assert worker.batch.state is BatchState.PLANNED
    assert worker.batch.outcomes == (Outcome.SENT, None, None)
    assert worker.look("the redelivery") == Handed("done", sent=2)
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

        def replace(self, before: Batch, after: Batch) -> bool:
            done = super().replace(before, after)
            return done and after.state is not BatchState.CLAIMED

    lossy = LostAnswer()
    lossy.headers, lossy.batch_items = worker.sends.headers, worker.sends.batch_items

    assert worker.look(sends=lossy) == Handed("done", sent=3)
