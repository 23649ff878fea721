"""How many confirmed subscribers there are: in memory and in DynamoDB, one meaning."""

from __future__ import annotations

from datetime import timedelta

import pytest

from newsletter.sending.adapters.dynamo_audience_count import DynamoAudienceCount
from newsletter.sending.jobs.count_audience import FRESH_FOR, SMALL, count_audience
from newsletter.sending.ports import AudienceCount
from tests.core.fakes import NOW
from tests.factories import subscriber
from tests.readers.fakes import MemorySubscribers
from tests.sending.fakes import MemoryAudienceCount


@pytest.fixture(params=["memory", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> AudienceCount:
    if request.param == "memory":
        return MemoryAudienceCount()
    return DynamoAudienceCount(request.getfixturevalue("dynamodb"), "SendsTable")


def test_before_anybody_counted_nobody_knows(kept: AudienceCount) -> None:
    assert kept.last() is None


def test_the_last_count_stands_with_its_moment(kept: AudienceCount) -> None:
    kept.keep(28, now=NOW)
    kept.keep(29, now=NOW + timedelta(minutes=5))

    assert kept.last() == (29, NOW + timedelta(minutes=5))


def test_a_large_list_is_counted_once_an_hour_however_often_somebody_looks(kept: AudienceCount) -> None:
    kept.keep(SMALL + 1, now=NOW)
    people = MemorySubscribers(*(subscriber(number) for number in range(1, 4)))

    assert count_audience(people, kept, now=NOW + FRESH_FOR / 2) is None
    assert kept.last() == (SMALL + 1, NOW)
    assert count_audience(people, kept, now=NOW + FRESH_FOR) == 3


def test_a_small_list_is_counted_at_every_look(kept: AudienceCount) -> None:
    people = MemorySubscribers(subscriber(1))
    assert count_audience(people, kept, now=NOW) == 1
    people.by_id.clear()

    assert count_audience(people, kept, now=NOW + timedelta(minutes=5)) == 0
