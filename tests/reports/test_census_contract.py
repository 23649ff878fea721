"""Counting the whole list: every record once, whatever the parts, in memory and on DynamoDB alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.adapters.dynamo_suppressions import DynamoSuppressions
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.reports.adapters.dynamo_census import PARTS, DynamoCensus
from newsletter.reports.domain.census import Census, RecordFacts, count
from newsletter.reports.ports import ListCensus
from tests.core.fakes import NOW
from tests.factories import an_id, subscriber
from tests.readers.fakes import MemorySubscribers, MemorySuppressions
from tests.reports.fakes import MemoryCensus

LATER = NOW + timedelta(hours=1)
PEOPLE = [
    subscriber(1, tags=frozenset({"press", "gönner"})),
    subscriber(2, confirmed_at=LATER, tags=frozenset({"press"})),
    subscriber(3, suppressed=True, tags=frozenset({"press"})),
    subscriber(4, status=Status.UNCONFIRMED, confirmed_at=None),
    subscriber(5, status=Status.UNSUBSCRIBED, left_at=LATER, left_because="too_many"),
    subscriber(6, status=Status.UNSUBSCRIBED, left_at=LATER, moved_to=an_id(7), email="", name=""),
    subscriber(7, confirmed_at=LATER, consent=Consent(asked_at=NOW, page="preferences")),
    subscriber(8, confirmed_at=LATER, consent=Consent(asked_at=NOW, page="https://example.org/")),
    *(subscriber(number) for number in range(100, 150)),
]
KEPT_OUT = [
    Suppression(an_id(3), SuppressionReason.HARD_BOUNCE, LATER, "an-issue"),
    Suppression(an_id(9), SuppressionReason.ERASED, LATER),
]


@pytest.fixture(params=["memory", "dynamodb"])
def census(request: pytest.FixtureRequest) -> ListCensus:
    people: MemorySubscribers | DynamoSubscribers
    suppressions: MemorySuppressions | DynamoSuppressions
    found: ListCensus
    if request.param == "memory":
        people, suppressions = MemorySubscribers(), MemorySuppressions()
        found = MemoryCensus(people, suppressions)
    else:
        client = request.getfixturevalue("dynamodb")
        people = DynamoSubscribers(client, "SubscribersTable")
        suppressions = DynamoSuppressions(client, "SuppressionsTable", people, "ReceiptsTable")
        found = DynamoCensus(client, "SubscribersTable", "SuppressionsTable")
    for each in PEOPLE:
        assert people.save(each)
    for suppression in KEPT_OUT:
        suppressions.add(suppression)
    return found


def test_every_record_is_counted_once(census: ListCensus) -> None:
    def number(records: Iterator[RecordFacts]) -> int:
        return sum(1 for _ in records)

    parts = census.count_in_parts(number)

    assert sum(parts) == len(PEOPLE)
    assert 1 < len(parts) <= PARTS


def test_the_counts_say_who_stands_joined_and_left(census: ListCensus) -> None:
    total = sum(
        census.count_in_parts(partial(count, since=NOW, until=NOW + timedelta(days=1), zone=ZoneInfo("UTC"))), Census()
    )

    assert (total.on_list, total.unconfirmed) == (54, 1)
    assert total.joined == {LATER.date(): 2}
    assert total.joined_from == {"not_said": 1, "example.org": 1}
    assert total.on_list_from == {"not_said": 52, "example.org": 1, "new_address": 1}
    assert total.left == {(LATER.date(), "too_many"): 1}
    assert total.left_at == {LATER: 1}


def test_the_suppressions_are_all_there(census: ListCensus) -> None:
    assert sorted(census.suppressions(), key=lambda each: each.subscriber_id) == KEPT_OUT


def test_tags_are_counted_of_whoever_may_be_mailed(census: ListCensus) -> None:
    total = sum(census.count_in_parts(partial(count, since=NOW, until=LATER, zone=ZoneInfo("UTC"))), Census())

    assert total.tagged == {"press": 2, "gönner": 1}
