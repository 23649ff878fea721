"""What going through the list page by page promises, in memory and on DynamoDB alike."""

from __future__ import annotations

from typing import Any

import pytest

from newsletter.readers.adapters.dynamo_list_pages import DynamoListPages
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.adapters.dynamo_suppressions import DynamoSuppressions
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.domain.suppression import Suppression, SuppressionReason
from newsletter.readers.list_pages import ListPages, SubscriberPage, SuppressionPage
from tests.core.fakes import NOW
from tests.factories import an_id, subscriber
from tests.readers.fakes import MemorySubscribers, MemorySuppressions


class MemoryListPages:
    """The list page by page."""

    def __init__(self, subscribers: MemorySubscribers, suppressions: MemorySuppressions) -> None:
        self._subscribers = subscribers
        self._suppressions = suppressions

    def subscribers(self, *, after: str, limit: int, subscriber_status: Status | None = None) -> SubscriberPage:
        ids = [each for each in sorted(self._subscribers.by_id) if each > after]
        page, unreadable = ids[:limit], [each for each in ids[:limit] if each in self._subscribers.unreadable]
        readable = [self._subscribers.by_id[each] for each in page if each not in unreadable]
        found = [each for each in readable if subscriber_status in (None, each.status)]
        return SubscriberPage(found, unreadable, page[-1] if len(ids) > len(page) else "")

    def suppressions(self, *, after: str, limit: int) -> SuppressionPage:
        ids = [each for each in sorted(self._suppressions.by_id) if each > after]
        found = [self._suppressions.by_id[each] for each in ids[:limit]]
        return SuppressionPage(found, ids[limit - 1] if len(ids) > limit else "")


NUMBERS = range(1, 8)


@pytest.fixture(params=["memory", "dynamodb"])
def list_pages(request: pytest.FixtureRequest) -> ListPages:
    people = [subscriber(number) for number in NUMBERS]
    kept_out = [Suppression(an_id(number), SuppressionReason.MANUAL, NOW) for number in NUMBERS]
    if request.param == "memory":
        memory = MemorySubscribers(*people)
        memory.unreadable = {an_id(3)}
        return MemoryListPages(memory, MemorySuppressions(*kept_out))
    client: Any = request.getfixturevalue("dynamodb")
    subscribers = DynamoSubscribers(client, "SubscribersTable")
    for each in people:
        assert subscribers.save(each)
    client.update_item(
        TableName="SubscribersTable", Key={"subscriber_id": {"S": an_id(3)}}, UpdateExpression="REMOVE signed_up_at"
    )
    suppressions = DynamoSuppressions(client, "SuppressionsTable", subscribers, "ReceiptsTable")
    for suppression in kept_out:
        suppressions.add(suppression)
    return DynamoListPages(client, "SubscribersTable", "SuppressionsTable")


@pytest.mark.parametrize("limit", [1, 3, 7, 100])
def test_pages_hold_everybody_once_and_name_whom_nobody_can_read(list_pages: ListPages, limit: int) -> None:
    found: list[str] = []
    unreadable: list[str] = []
    after: str | None = None
    while after != "":
        page = list_pages.subscribers(after=after or "", limit=limit)
        assert len(page.subscribers) + len(page.unreadable) <= limit
        found += [each.subscriber_id for each in page.subscribers]
        unreadable += page.unreadable
        after = page.last_id

    assert sorted(found) == sorted(an_id(number) for number in NUMBERS if number != 3)
    assert unreadable == [an_id(3)]


def test_a_status_leaves_the_others_out(list_pages: ListPages) -> None:
    assert len(list_pages.subscribers(after="", limit=100, subscriber_status=Status.CONFIRMED).subscribers) >= 6
    assert list_pages.subscribers(after="", limit=100, subscriber_status=Status.UNCONFIRMED).subscribers == []


def test_suppressions_come_once_each(list_pages: ListPages) -> None:
    found: list[str] = []
    after: str | None = None
    while after != "":
        page = list_pages.suppressions(after=after or "", limit=2)
        found += [each.subscriber_id for each in page.suppressions]
        after = page.last_id

    assert sorted(found) == sorted(an_id(number) for number in NUMBERS)
