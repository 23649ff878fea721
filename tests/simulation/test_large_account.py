"""A send of an account that takes thousands a second: what one partition key of DynamoDB takes does not hold it up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from bench.large import workers
from newsletter.sending.adapters.dynamo_sends import DynamoSends
from newsletter.sending.domain.outcome import Outcome
from tests.factories import SLUG
from tests.simulation.large_account import Fleet

RATE, SECONDS, FULL = 5_000, 20, 12
"""Recipients a second; of the send; and from when on what was booked in the first seconds has left."""


def test_a_fleet_that_is_as_large_as_operators_are_told_uses_the_rate_and_meets_no_wall() -> None:
    fleet = Fleet(RATE, workers(RATE), RATE * 30).run(SECONDS)

    assert fleet.used(FULL, SECONDS) >= 0.9
    assert fleet.throttled == 0
    assert not fleet.dynamo.throttled
    assert max(fleet.mailed) == 1


def test_in_one_partition_the_same_send_would_meet_the_wall() -> None:
    """The wall is lower than DynamoDB's, so that a small fleet shows it."""
    spread, alone = (
        Fleet(RATE, workers(RATE), RATE * 30, partition_writes=400, one_partition=one).run(FULL)
        for one in (False, True)
    )

    assert len(spread.sends.partitions(SLUG)) == 2
    assert alone.dynamo.throttled.total() > 10 * spread.dynamo.throttled.total()
    assert (spread.reports_late, alone.reports_late > 10) == (0, True)


def test_a_partition_that_throttles_for_a_minute_delays_a_send_and_loses_or_repeats_nobody() -> None:
    people = RATE * 4
    fleet = Fleet(RATE, 4, people)
    fleet.dynamo.closed = lambda key, second: key == f"{SLUG}#1" and 2 <= second < 62
    fleet.run(400)

    assert fleet.dynamo.throttled[f"{SLUG}#1"] > 10
    assert fleet.mailed == b"\x01" * people
    for batch in DynamoSends(cast("Any", fleet.dynamo), "SendsTable").batches(SLUG):
        # Of a batch whose last write was throttled, settle learns from the evidence.
        told = batch.resolved(fleet.reported.accepted(SLUG, batch.after), now=fleet.time.now(), grace=timedelta(0))
        assert (told or batch).with_outcome(Outcome.SENT) == batch.ids
