"""Batches: a chain without overlap, and doubts resolved by evidence alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.sending.domain.batch import CLAIM_LEASE, WORKER_LIFE, Batch, BatchState, split
from newsletter.sending.domain.books import tally
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.probe import CLOCKS_APART
from tests.core.fakes import NOW
from tests.factories import SLUG, an_id

IDS = tuple(an_id(number) for number in (1, 2, 3))
GRACE = timedelta(hours=1)


def batch() -> Batch:
    return Batch.of(SLUG, "00", IDS, now=NOW)


def test_a_batch_is_done_when_everybody_has_an_outcome() -> None:
    claimed = batch().claimed("worker", now=NOW)

    some = claimed.recorded({IDS[0]: Outcome.SENT}, now=NOW)
    assert some.state is BatchState.PLANNED
    assert some.waiting == IDS[1:]
    everybody = some.claimed("worker", now=NOW).recorded({IDS[1]: Outcome.SENT, IDS[2]: Outcome.LEFT}, now=NOW)
    assert everybody.state is BatchState.DONE


def test_an_unclear_answer_leaves_the_batch_in_doubt() -> None:
    answers = {IDS[0]: Outcome.SENT, IDS[1]: Outcome.UNKNOWN, IDS[2]: Outcome.SENT}

    assert batch().claimed("worker", now=NOW).recorded(answers, now=NOW).state is BatchState.IN_DOUBT


def test_evidence_for_everybody_in_doubt_resolves_at_once() -> None:
    doubted = batch().claimed("worker", now=NOW).recorded(dict.fromkeys(IDS, Outcome.UNKNOWN), now=NOW)

    resolved = doubted.resolved(set(IDS), now=NOW, grace=GRACE)

    assert resolved is not None
    assert resolved.outcomes == (Outcome.SENT,) * 3


def test_without_evidence_nobody_is_mailed_again_before_the_grace_period_is_over() -> None:
    doubted = batch().claimed("worker", now=NOW).recorded(dict.fromkeys(IDS, Outcome.UNKNOWN), now=NOW)

    early = doubted.resolved({IDS[0]}, now=NOW + GRACE - timedelta(seconds=1), grace=GRACE)
    assert early is not None
    assert (early.outcomes, early.waiting) == ((Outcome.SENT, Outcome.UNKNOWN, Outcome.UNKNOWN), ())
    assert early.touched_at == NOW  # since when the others are in doubt
    assert early.resolved({IDS[0]}, now=NOW + GRACE - timedelta(seconds=1), grace=GRACE) is None
    resolved = early.resolved({IDS[0]}, now=NOW + GRACE, grace=GRACE)
    assert resolved is not None
    assert resolved.outcomes == (Outcome.SENT, None, None)
    assert resolved.state is BatchState.PLANNED


def test_a_claim_is_dead_only_after_its_lease_and_the_grace_period() -> None:
    claimed = batch().claimed("worker", now=NOW)

    assert claimed.resolved({IDS[1]}, now=NOW + GRACE, grace=GRACE) is None
    dead = claimed.resolved({IDS[1]}, now=NOW + CLAIM_LEASE + GRACE, grace=GRACE)
    assert dead is not None
    assert dead.outcomes == (None, Outcome.SENT, None)


def test_a_claim_with_evidence_for_everybody_ends_when_its_worker_cannot_be_alive() -> None:
    claimed = batch().claimed("worker", now=NOW)
    over = NOW + WORKER_LIFE + CLOCKS_APART

    assert claimed.resolved(set(IDS), now=over - timedelta(seconds=1), grace=GRACE) is None
    assert claimed.resolved(set(IDS), now=over, grace=GRACE).outcomes == (Outcome.SENT,) * 3  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("doubted", "quiet"),
    [
        (batch().claimed("a dead worker", now=NOW), NOW + WORKER_LIFE + CLOCKS_APART),
        (batch().claimed("w", now=NOW).recorded(dict.fromkeys(IDS, Outcome.UNKNOWN), now=NOW), NOW + CLOCKS_APART),
    ],
)
def test_whoever_has_no_evidence_waits_again_once_all_of_it_is_read_and_that_counts_against_nobody(
    doubted: Batch, quiet: datetime
) -> None:
    early = doubted.resolved((), now=NOW + GRACE, grace=GRACE * 24, read_until=quiet - timedelta(seconds=1))
    assert early is None

    for hold in (False, True):
        proved = doubted.resolved({IDS[1]}, now=NOW + GRACE, grace=GRACE * 24, read_until=quiet, hold=hold)
        assert proved is not None
        assert (proved.outcomes, proved.state) == ((None, Outcome.SENT, None), BatchState.PLANNED)
        assert proved.doubts == ()


def test_an_outage_of_ses_is_held_against_nobody() -> None:
    counted = replace(batch(), doubts=(1, 2, 3), failures=(4, 0, 0))
    ended = NOW + timedelta(hours=5)

    assert counted.claimed("worker", now=ended, outage_ended_at=ended).doubts == ()
    assert counted.claimed("worker", now=ended, outage_ended_at=ended).failures == ()
    assert counted.claimed("worker", now=ended, outage_ended_at=NOW - GRACE).doubts == (1, 2, 3)
    doubted = counted.claimed("w", now=NOW).recorded(dict.fromkeys(IDS, Outcome.UNKNOWN), now=NOW)
    assert doubted.resolved((), now=ended + GRACE - timedelta(seconds=1), grace=GRACE, outage_ended_at=ended) is None
    assert doubted.resolved((), now=ended + GRACE, grace=GRACE, outage_ended_at=ended) is not None


def test_a_batch_without_doubts_needs_no_evidence() -> None:
    assert batch().resolved(set(IDS), now=NOW + GRACE * 2, grace=GRACE) is None


@given(st.lists(st.integers(0, 10**6), max_size=200, unique=True), st.integers(1, 50))
def test_groups_hold_everybody_once_in_order(numbers: list[int], size: int) -> None:
    ids = sorted(an_id(number) for number in numbers)

    groups = list(split(iter(ids), size))

    assert [who for group in groups for who in group] == ids
    assert all(len(group) == size for group in groups[:-1])


@given(st.lists(st.sampled_from([*Outcome, None]), min_size=1, max_size=50))
def test_the_books_count_everybody_exactly_once(outcomes: list[Outcome | None]) -> None:
    ids = tuple(an_id(number) for number in range(len(outcomes)))
    books = tally([Batch(slug=SLUG, after="00", ids=ids, outcomes=tuple(outcomes), touched_at=NOW)])

    counted = books.sent + books.waiting + books.unknown + sum(books.skipped.values()) + sum(books.failed.values())
    assert counted == books.audience == len(outcomes)
    assert books.balanced == (None not in outcomes and Outcome.UNKNOWN not in outcomes)


def test_whoever_is_mailed_again_without_proof_is_counted_and_whoever_was_proved_meanwhile_is_not() -> None:
    doubted = batch().claimed("worker", now=NOW).recorded(dict.fromkeys(IDS, Outcome.UNKNOWN), now=NOW)
    again = doubted.resolved({IDS[0]}, now=NOW + GRACE, grace=GRACE)
    assert again is not None
    assert [again.repeats_of(one) for one in IDS] == [0, 1, 1]
    assert again.perhaps_twice == ()  # nobody has two as long as they only wait

    after_an_outage = again.claimed("worker", now=NOW, outage_ended_at=NOW + GRACE)
    sent = after_an_outage.recorded(dict.fromkeys(IDS[1:], Outcome.SENT), now=NOW, accepted=[IDS[2]])

    assert (after_an_outage.doubts, sent.perhaps_twice) == ((), (IDS[1],))
    assert tally([sent]).perhaps_twice == 1


def test_a_proof_that_ses_did_not_take_it_makes_nobody_doubtful() -> None:
    doubted = batch().claimed("worker", now=NOW).recorded(dict.fromkeys(IDS, Outcome.UNKNOWN), now=NOW)

    proven = doubted.resolved((), now=NOW + GRACE / 2, grace=GRACE, read_until=NOW + GRACE / 2)

    assert proven is not None
    assert (proven.waiting, proven.repeats) == (IDS, ())


def test_a_retry_of_the_unproven_may_be_a_second_email_and_one_of_the_refused_is_not() -> None:
    outcomes = {IDS[0]: Outcome.UNPROVEN, IDS[1]: Outcome.REJECTED, IDS[2]: Outcome.UNPROVEN}
    failed = batch().claimed("worker", now=NOW).recorded(outcomes, now=NOW)

    retried = failed.retried(tuple(set(outcomes.values())), {IDS[2]}, now=NOW)

    assert retried is not None
    assert retried.waiting == IDS[:2]
    assert [retried.repeats_of(one) for one in IDS] == [1, 0, 0]
    stopped = retried.cancelled({IDS[0]}, now=NOW)
    assert stopped is not None
    assert (stopped.outcome_of(IDS[0]), stopped.perhaps_twice) == (Outcome.SENT, ())


def test_repeats_are_told_with_one_digit() -> None:
    current: Batch | None = batch()
    for _ in range(12):
        assert current is not None
        unproven = current.claimed("worker", now=NOW).recorded(dict.fromkeys(IDS, Outcome.UNPROVEN), now=NOW)
        current = unproven.retried([Outcome.UNPROVEN], (), now=NOW)

    assert current is not None
    assert current.repeats == (9, 9, 9)
