"""A list of a million: planned in pieces that are bounded, mailed once each, and counted to the last."""

from __future__ import annotations

from collections import Counter

from newsletter.sending.domain.batch import LARGEST_BATCH
from newsletter.sending.domain.books import tally
from newsletter.sending.domain.send import SendState
from tests.factories import SLUG
from tests.simulation.multitude import BATCHES_A_RUN, RATE, CountedQueues, Multitude, mail, opened, plan

PEOPLE = 1_000_000


def test_a_whole_list_is_planned_in_bounded_pieces_mailed_once_each_and_counted_to_the_last() -> None:
    calls: Counter[str] = Counter()
    people, sends, queues = Multitude(PEOPLE, calls), opened(calls), CountedQueues(calls)

    runs, most = plan(sends, people, queues)

    planning = Counter(calls)
    batches = -(-PEOPLE // LARGEST_BATCH)
    assert runs > batches // BATCHES_A_RUN, "planning never handed over"
    assert most < 12_000_000, "a run of fifty batches holds its batches, and nothing of the list"
    assert people.read < PEOPLE + runs * (LARGEST_BATCH + 1), (
        "what a run read ahead, the next one reads again, and no more"
    )

    calls.clear()
    transport, took = mail(sends, people, queues)

    books = tally(sends.batches(SLUG))
    assert (books.audience, books.sent, books.balanced) == (PEOPLE, PEOPLE, True)
    assert transport.accepted == b"\x01" * PEOPLE
    header = sends.get(SLUG)
    assert header is not None
    assert header.state is SendState.OPEN
    assert took.total_seconds() < PEOPLE / RATE / 0.95 + 1, "slower than 95 % of the rate"

    thousands = PEOPLE / 1000
    # Six questions a batch: header, batch, header again, claim, evidence, outcomes; and two for each message that came
    # again because its planner had handed over. One for a hundred readers. The rate is asked once for each batch.
    assert calls["ses"] / thousands < 20.5, calls
    assert calls["dynamodb"] / thousands < 18.5, calls
    assert (sum(planning.values()) + sum(calls.values()) + batches) / thousands < 45, (planning, calls)
