"""Readers who moved, and records that cannot be read: one message for each, wherever they are by now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from newsletter.core.link_token import Purpose, read
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.move import Move
from newsletter.readers.domain.subscriber import Subscriber, leave
from newsletter.readers.moving import moved, moved_in
from newsletter.sending.domain.batch import Batch, BatchState
from newsletter.sending.domain.handed import BatchResult, Handed
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Send
from newsletter.sending.jobs.send_batch import MOVER_DELAY
from tests.core.fakes import NOW
from tests.factories import KEYS, SLUG, an_id
from tests.sending.test_send_batch import ADA, BEN, CYD, Worker

NEW = an_id(9)
SOON = NOW + timedelta(seconds=10)


def move(worker: Worker, old_id: str, number: int, *, now: datetime = SOON) -> Subscriber:
    """Let a reader confirm another address; return the new record."""
    old = worker.subscribers.by_id[old_id]
    email = f"reader{number}@example.org"
    asked = Move(new_id=an_id(number), email=email, asked_at=now)
    new = moved_in(old, None, move=asked, consent=Consent(asked_at=now, page="preferences"), now=now)
    assert worker.subscribers.save_both(new, moved(old, new.subscriber_id, now=now))
    return worker.subscribers.by_id[new.subscriber_id]


def place(worker: Worker, subscriber_id: str, outcome: Outcome | None, state: BatchState = BatchState.PLANNED) -> None:
    """Give somebody a place in the same send, in a batch of its own."""
    name = subscriber_id[:2] + "0"
    batch = Batch.of(SLUG, name, (subscriber_id,), now=NOW)
    worker.sends.batch_items[SLUG, name] = replace(batch, outcomes=(outcome,), state=state)


def test_a_reader_who_moved_is_mailed_at_the_new_address_in_the_old_place() -> None:
    worker = Worker()
    move(worker, BEN, 9)

    assert worker.look() == Handed(BatchResult.DONE, sent=3)

    mail = worker.transport.calls[0][1]
    assert mail.email == "reader9@example.org"
    assert (mail.subscriber_id, mail.tags["subscriber"], mail.tags["reader"]) == (BEN, BEN, NEW)
    token = mail.variables["unsubscribe_url"].partition("token=")[2].partition("&")[0]
    assert read(Purpose.UNSUBSCRIBE, token, KEYS, now=NOW).subscriber_id == NEW
    assert worker.batch.outcome_of(BEN) is Outcome.SENT


def test_who_did_not_move_has_no_other_name_in_the_tags() -> None:
    worker = Worker()
    worker.look()
    assert all("reader" not in mail.tags for mail in worker.transport.calls[0])


def test_a_reader_who_moved_twice_is_followed_to_the_last_address() -> None:
    worker = Worker()
    move(worker, BEN, 9)
    move(worker, NEW, 10)
    worker.look()
    assert worker.transport.calls[0][1].email == "reader10@example.org"


def test_a_reader_who_moved_and_left_is_not_mailed() -> None:
    worker = Worker()
    new = move(worker, BEN, 9)
    worker.subscribers.save(leave(new, now=SOON))
    worker.look()
    assert worker.batch.outcome_of(BEN) is Outcome.LEFT
    assert worker.transport.mailed == [ADA, CYD]


def test_a_reader_whose_new_address_is_erased_is_erased() -> None:
    worker = Worker()
    new = move(worker, BEN, 9)
    worker.subscribers.erase(new)
    worker.look()
    assert worker.batch.outcome_of(BEN) is Outcome.ERASED


def test_the_newer_of_two_places_of_one_reader_is_passed_over() -> None:
    worker = Worker()
    move(worker, BEN, 9)
    worker.sends.batch_items[SLUG, "00"] = Batch.of(SLUG, "00", (ADA, CYD, NEW), now=NOW)
    place(worker, BEN, Outcome.SENT)

    worker.look()

    assert worker.batch.outcome_of(NEW) is Outcome.MOVED
    assert worker.transport.mailed == [ADA, CYD]


def test_an_old_record_that_cannot_be_read_still_says_that_its_place_was_served() -> None:
    worker = Worker()
    move(worker, BEN, 9)
    worker.sends.batch_items[SLUG, "00"] = Batch.of(SLUG, "00", (ADA, CYD, NEW), now=NOW)
    place(worker, BEN, Outcome.SENT)
    worker.subscribers.unreadable = {BEN}

    worker.look()

    assert worker.batch.outcome_of(NEW) is Outcome.MOVED
    assert worker.transport.mailed == [ADA, CYD]


def test_an_old_record_that_is_gone_still_says_that_its_place_was_served() -> None:
    worker = Worker()
    move(worker, BEN, 9)
    worker.sends.batch_items[SLUG, "00"] = Batch.of(SLUG, "00", (ADA, CYD, NEW), now=NOW)
    place(worker, BEN, Outcome.SENT)
    del worker.subscribers.by_id[BEN]  # an erasure has begun, and has not come to the new address yet

    worker.look()

    assert worker.batch.outcome_of(NEW) is Outcome.MOVED
    assert worker.transport.mailed == [ADA, CYD]


def test_a_reader_who_moved_long_ago_costs_no_question() -> None:
    worker = Worker()
    old = worker.subscribers.by_id[BEN]
    new = move(worker, BEN, 9, now=NOW - timedelta(hours=2))
    worker.sends.batch_items[SLUG, "00"] = Batch.of(SLUG, "00", (ADA, CYD, NEW), now=NOW)
    place(worker, old.subscriber_id, Outcome.SENT)  # of somebody else: nobody asks

    worker.look()

    assert new.came_from == (BEN,)
    assert worker.transport.mailed == [ADA, CYD, NEW]


@pytest.mark.parametrize(
    ("outcome", "state", "own_outcome"),
    [
        (None, BatchState.PLANNED, Outcome.SENT),  # its worker will find our place, and pass it over
        (Outcome.MOVED, BatchState.DONE, Outcome.SENT),
        (Outcome.SENT, BatchState.DONE, Outcome.MOVED),
        (Outcome.UNPROVEN, BatchState.DONE, Outcome.MOVED),
        (None, BatchState.CLAIMED, None),
        (Outcome.UNKNOWN, BatchState.IN_DOUBT, None),
    ],
)
def test_the_older_of_two_places_looks_at_what_the_newer_came_to(
    outcome: Outcome | None, state: BatchState, own_outcome: Outcome | None
) -> None:
    worker = Worker()
    move(worker, BEN, 9)
    place(worker, NEW, outcome, state)

    worker.look()

    assert worker.batch.outcome_of(BEN) is own_outcome
    assert (BEN in worker.transport.mailed) == (own_outcome is Outcome.SENT)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (None, BatchState.PLANNED),  # put back from a backup of before
        (None, BatchState.CLAIMED),
        (Outcome.UNKNOWN, BatchState.IN_DOUBT),
    ],
)
def test_what_ses_reported_of_the_newer_place_counts_though_its_batch_does_not_know_it(
    outcome: Outcome | None, state: BatchState
) -> None:
    worker = Worker()
    move(worker, BEN, 9)
    place(worker, NEW, outcome, state)
    worker.evidence.add(SLUG, NEW[:2] + "0", [NEW])

    worker.look()

    assert worker.batch.outcome_of(BEN) is Outcome.MOVED
    assert worker.transport.mailed == [ADA, CYD]


def test_whoever_is_perhaps_being_mailed_elsewhere_waits_and_the_others_do_not() -> None:
    worker = Worker()
    move(worker, BEN, 9)
    place(worker, NEW, None, BatchState.CLAIMED)

    assert worker.look() == Handed(BatchResult.PLANNED, sent=2, waiting=1)

    assert worker.transport.mailed == [ADA, CYD]
    assert worker.queues.batches == [(SLUG, "00", MOVER_DELAY)]


def test_somebody_else_at_the_old_address_keeps_nobody_from_getting_their_own() -> None:
    worker = Worker()
    old = worker.subscribers.by_id[BEN]
    move(worker, BEN, 9)
    signed_up_there = replace(old, version=worker.subscribers.by_id[BEN].version, confirmed_at=SOON)
    assert worker.subscribers.save(signed_up_there)
    worker.sends.batch_items[SLUG, "00"] = Batch.of(SLUG, "00", (ADA, CYD, NEW), now=NOW)
    place(worker, BEN, Outcome.SENT)

    worker.look()

    assert worker.transport.mailed == [ADA, CYD, NEW]


def test_a_record_that_cannot_be_read_is_one_readers_outcome() -> None:
    worker = Worker()
    worker.subscribers.unreadable.add(BEN)

    assert worker.look() == Handed(BatchResult.DONE, sent=2)

    assert worker.batch.outcome_of(BEN) is Outcome.UNREADABLE
    assert worker.transport.mailed == [ADA, CYD]


def test_a_new_address_whose_record_cannot_be_read_is_one_readers_outcome() -> None:
    worker = Worker()
    move(worker, BEN, 9)
    worker.subscribers.unreadable.add(NEW)
    worker.look()
    assert worker.batch.outcome_of(BEN) is Outcome.UNREADABLE


def test_a_rehearsal_follows_nobody_out_of_the_simulators_mailbox() -> None:
    worker = Worker()
    move(worker, BEN, 9)
    worker.sends.headers[SLUG] = Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=NOW, rehearsal_of=SLUG)
    worker.look()
    assert {mail.email.partition("@")[2] for mail in worker.transport.calls[0]} == {"simulator.amazonses.com"}
