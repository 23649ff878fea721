"""What jobs rely on of `FeedStore`: held by DynamoDB, and by the fake that their tests use."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from newsletter.desk.adapters.feeds.dynamo_feeds import DynamoFeeds
from newsletter.desk.feed_ports import FeedStore
from newsletter.desk.feeds.feed import FeedDraft, FeedDraftOutcome, FeedMemory
from tests.desk.feed_fakes import MemoryFeedStore

BLOG, NEWS = "https://www.example.org/blog.xml", "https://www.example.org/news.json"
DAY = date(2026, 12, 1)


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> FeedStore:
    if request.param == "memory":
        return MemoryFeedStore()
    return DynamoFeeds(request.getfixturevalue("dynamodb"), "SendsTable")


def test_of_a_feed_that_was_never_read_nothing_is_remembered(store: FeedStore) -> None:
    assert store.memory(BLOG) == FeedMemory()
    assert store.draft_of(DAY) is None


def test_what_is_remembered_of_a_feed_takes_the_place_of_what_was(store: FeedStore) -> None:
    read_at = datetime(2026, 11, 28, 9, tzinfo=UTC)
    store.remember(BLOG, FeedMemory(frozenset({"a1", "b2"}), '"1"', "Sat, 28 Nov 2026 08:00:00 GMT", read_at))
    store.remember(NEWS, FeedMemory())

    assert store.memory(BLOG).entry_ids == {"a1", "b2"}
    assert store.memory(BLOG).read_at == read_at
    assert store.memory(BLOG).etag == '"1"'
    assert store.memory(BLOG).modified == "Sat, 28 Nov 2026 08:00:00 GMT"
    assert store.memory(NEWS) == FeedMemory()

    store.remember(BLOG, FeedMemory(frozenset({"c3"}), read_at=read_at))
    assert store.memory(BLOG) == FeedMemory(frozenset({"c3"}), read_at=read_at)


@pytest.mark.parametrize(
    "feed_draft",
    [
        FeedDraft(FeedDraftOutcome.MADE, "2026-12-01-what-is-new", ("Ferries", "Brücken"), 3, ("“News” failed.",)),
        FeedDraft(FeedDraftOutcome.TAKEN, informed=True),
    ],
)
def test_what_was_decided_about_a_slot_is_remembered(store: FeedStore, feed_draft: FeedDraft) -> None:
    store.note_draft(DAY, feed_draft)

    assert store.draft_of(DAY) == feed_draft
    assert store.draft_of(date(2026, 12, 15)) is None
