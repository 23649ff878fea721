"""Late proof: whoever was given up as unproven is sent once SES's report is here, also in closed books."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from newsletter.errors import StoreBusyError, UnreadableBatchError
from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.feedback.jobs.record_late_proof import record_late_proof
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.books import tally
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Send, SendState
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id
from tests.sending.fakes import MemoryQueues, MemorySends

ADA, BEN, CLEO = map(an_id, range(1, 4))
DAYS_LATER = NOW + timedelta(days=3)
OUTCOMES = {ADA: Outcome.UNPROVEN, BEN: Outcome.REJECTED, CLEO: Outcome.SENT}


def event(kind: FeedbackKind = FeedbackKind.SENT, subscriber_id: str = ADA, part: str = "00") -> FeedbackEvent:
    return FeedbackEvent(
        kind=kind, message_id="m-1", happened_at=NOW, mailed_at=NOW, subscriber_id=subscriber_id, slug=SLUG, part=part
    )


@dataclass
class House:
    sends: MemorySends = field(default_factory=MemorySends)
    queues: MemoryQueues = field(default_factory=MemoryQueues)

    def __post_init__(self) -> None:
        self.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW))
        batch = Batch.of(SLUG, "00", tuple(OUTCOMES), now=NOW)
        self.sends.add_batch(batch)
        assert self.sends.replace(batch, batch.recorded(OUTCOMES, now=NOW))
        self.close()

    def close(self) -> None:
        assert self.sends.close(self.send, tally(self.sends.batches(SLUG)), now=NOW + timedelta(days=1))

    def hear(self, *events: FeedbackEvent, now: datetime = DAYS_LATER) -> set[FeedbackEvent]:
        return record_late_proof(events, sends=self.sends, queues=self.queues, now=now)

    @property
    def send(self) -> Send:
        send = self.sends.get(SLUG)
        assert send is not None
        return send

    @property
    def outcomes(self) -> tuple[Outcome | None, ...]:
        batch = self.sends.batch(SLUG, "00")
        assert batch is not None
        return batch.outcomes


@pytest.mark.parametrize("kind", [FeedbackKind.SENT, FeedbackKind.DELIVERED, FeedbackKind.HARD_BOUNCE])
def test_proof_that_comes_after_the_close_is_counted_into_the_books(kind: FeedbackKind) -> None:
    house = House()

    assert house.hear(event(kind)) == set()

    assert house.outcomes == (Outcome.SENT, Outcome.REJECTED, Outcome.SENT)
    assert house.send.state is SendState.OPEN  # settle counts and closes it again
    assert house.queues.settles == [(SLUG, 0)]
    house.close()
    books = house.send.books
    assert books is not None
    assert (books.sent, books.failed) == (2, {"rejected": 1})


def test_the_second_time_and_what_is_known_already_leave_closed_books_alone() -> None:
    house = House()
    house.hear(event())
    house.close()
    closed = house.send

    for about in (event(), event(subscriber_id=BEN), event(subscriber_id=CLEO), event(FeedbackKind.REJECTED)):
        assert house.hear(about) == set()
    assert house.hear(replace(event(), slug="an-issue-of-somebody-else")) == set()

    assert house.send == closed
    assert house.outcomes == (Outcome.SENT, Outcome.REJECTED, Outcome.SENT)


def test_what_comes_at_once_costs_no_look_at_the_batch() -> None:
    house = House()
    house.sends.batch = None  # type: ignore[assignment, method-assign]

    assert house.hear(event(), now=NOW + timedelta(seconds=59)) == set()


def test_a_batch_in_doubt_is_left_to_settle() -> None:
    house = House()
    batch = house.sends.batch(SLUG, "00")
    assert batch is not None
    doubtful = batch.recorded({BEN: Outcome.UNKNOWN}, now=NOW)
    assert house.sends.replace(batch, doubtful)

    house.hear(event())

    assert house.sends.batch(SLUG, "00") == doubtful


@pytest.mark.parametrize(("error", "again"), [(StoreBusyError, True), (UnreadableBatchError, False)])
def test_only_a_busy_table_brings_the_event_back(error: type[Exception], again: bool) -> None:
    house = House()

    def fails(slug: str, after: str) -> Batch | None:
        raise error(f"{slug} {after}")

    house.sends.batch = fails  # type: ignore[method-assign]

    assert house.hear(event()) == ({event()} if again else set())
