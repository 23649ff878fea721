"""What going through the readers with a tag promises, in memory and on DynamoDB alike."""

from __future__ import annotations

from typing import Any

import pytest

from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.adapters.dynamo_tagged_readers import DynamoTaggedReaders
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.list_pages import TaggedReaders
from tests.factories import subscriber
from tests.readers.fakes import MemorySubscribers, MemoryTaggedReaders

PRESS = frozenset({"press"})


def in_each_partition() -> list[Subscriber]:
    """Return readers whose ids begin with each of sixteen characters; of some more, with the tag and without."""
    return [
        subscriber(
            subscriber_id=f"{first:x}{number:039x}", email=f"{first}-{number}@example.org",
            tags=PRESS if number % 2 == 0 else frozenset({"pressure"}),
        )
        for first in range(16) for number in range(4 if first in (0, 7, 15) else 1)
    ]  # fmt: skip


EVERYBODY = in_each_partition()
TAGGED = sorted(each.subscriber_id for each in EVERYBODY if each.tags == PRESS)
GONE = subscriber(
    subscriber_id="7" + "f" * 39, email="gone@example.org", tags=PRESS, status=Status.UNSUBSCRIBED, suppressed=False
)


@pytest.fixture(params=["memory", "dynamodb"])
def tagged_readers(request: pytest.FixtureRequest) -> TaggedReaders:
    if request.param == "memory":
        return MemoryTaggedReaders(MemorySubscribers(*EVERYBODY, GONE))
    client: Any = request.getfixturevalue("dynamodb")
    subscribers = DynamoSubscribers(client, "SubscribersTable")
    for each in (*EVERYBODY, GONE):
        assert subscribers.save(each)
    return DynamoTaggedReaders(client, "SubscribersTable")


def read_through(tagged_readers: TaggedReaders, tag: str, limit: int) -> list[str]:
    found: list[str] = []
    after, pages = "", 0
    while pages == 0 or after:
        page = tagged_readers.page(tag, after=after, limit=limit)
        assert len(page.ids) <= limit
        assert page.last_id == "" or page.last_id > after, "it goes on"
        found += page.ids
        after, pages = page.last_id, pages + 1
    return found


@pytest.mark.parametrize("limit", [1, 5, 100])
def test_pages_hold_everybody_with_the_tag_once_and_in_order(tagged_readers: TaggedReaders, limit: int) -> None:
    assert read_through(tagged_readers, "press", limit) == TAGGED


def test_a_page_that_holds_all_of_them_is_the_last(tagged_readers: TaggedReaders) -> None:
    assert tagged_readers.page("press", after="", limit=len(TAGGED)).last_id == ""
    assert tagged_readers.page("press", after="", limit=len(TAGGED) - 1).last_id == TAGGED[-2]


@pytest.mark.parametrize("tag", ["pres", "nobody", "p", "PRESS"])
def test_a_tag_is_compared_whole(tagged_readers: TaggedReaders, tag: str) -> None:
    assert read_through(tagged_readers, tag, 10) == []


@pytest.mark.parametrize("after", ["0", "1", "7f", "f" * 40, "g", TAGGED[3]])
def test_a_page_may_begin_anywhere(tagged_readers: TaggedReaders, after: str) -> None:
    expected = [each for each in TAGGED if each > after]

    assert list(tagged_readers.page("press", after=after, limit=100).ids) == expected


def test_a_page_of_a_long_list_ends_before_whoever_waits_gives_up(dynamodb: Any) -> None:
    """DynamoDB reads a megabyte at a time; here it is one record, and the whole of it takes more than one page."""
    subscribers = DynamoSubscribers(dynamodb, "SubscribersTable")
    for each in EVERYBODY:
        assert subscribers.save(each)
    counted: Any = OneRecordAtATime(dynamodb)
    tagged_readers = DynamoTaggedReaders(counted, "SubscribersTable")

    first = tagged_readers.page("press", after="", limit=50)

    assert counted.reads == 20
    assert first.last_id
    assert read_through(tagged_readers, "press", 50) == TAGGED


class OneRecordAtATime:
    """A client whose answers are as short as they can be."""

    def __init__(self, client: Any) -> None:
        self.reads = 0
        self._client = client

    def query(self, **parameters: Any) -> Any:
        self.reads += 1
        return self._client.query(**parameters, Limit=1)
