"""Votes are counted once for each link, in memory and on DynamoDB alike; nothing on record joins a link and a vote."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from newsletter.core.links import vote_half_of_issue
from newsletter.errors import StoreBusyError
from newsletter.feedback.adapters.dynamo_responses import DynamoResponses
from newsletter.feedback.domain.reply import ReplyMark
from newsletter.feedback.domain.response import Responses, Vote, VoteLink
from newsletter.feedback.response_ports import ResponseStore
from tests.core.fakes import NOW
from tests.factories import SLUG
from tests.feedback.fakes import MemoryResponses

DAY = NOW.replace(hour=0)
ADA, GRACE = VoteLink(SLUG, "aa" * 8, DAY), VoteLink(SLUG, "bb" * 8, DAY)
OTHER_ISSUE = VoteLink("2026-12-15-other", "aa" * 8, DAY)


@pytest.fixture(params=["memory", "dynamodb"])
def responses(request: pytest.FixtureRequest) -> ResponseStore:
    if request.param == "memory":
        return MemoryResponses()
    return DynamoResponses(request.getfixturevalue("dynamodb"), "LimitsTable")


def test_votes_are_counted_by_issue(responses: ResponseStore) -> None:
    assert responses.of_issue(SLUG) is None
    assert [responses.vote(ADA, Vote.YES), responses.vote(GRACE, Vote.NO), responses.vote(OTHER_ISSUE, Vote.NO)] == [
        True, True, True,
    ]  # fmt: skip

    assert responses.of_issue(SLUG) == Responses(useful=1, not_useful=1)
    assert responses.of_issue(OTHER_ISSUE.slug) == Responses(not_useful=1)


def test_of_a_hundred_votes_of_one_link_the_first_counts(responses: ResponseStore) -> None:
    counted = [responses.vote(ADA, vote) for vote in (Vote.YES, Vote.NO) * 50]

    assert counted == [True] + [False] * 99
    assert responses.of_issue(SLUG) == Responses(useful=1)


def test_what_is_on_record_says_that_a_link_voted_and_neither_what_nor_when(dynamodb: Any) -> None:
    store = DynamoResponses(dynamodb, "LimitsTable")
    store.vote(ADA, Vote.YES)
    store.vote(GRACE, Vote.NO)

    items = {each["counter_key"]["S"]: each for each in dynamodb.scan(TableName="LimitsTable")["Items"]}

    assert items.pop(f"responses#{SLUG}").keys() == {"counter_key", "useful", "not_useful"}
    forgotten = {"N": str(int(datetime(2027, 1, 1, tzinfo=UTC).timestamp()))}
    assert items == {
        key: {"counter_key": {"S": key}, "expires_at": forgotten}
        for key in (f"voted#{SLUG}#{ADA.mark}", f"voted#{SLUG}#{GRACE.mark}")
    }


def test_two_readers_at_the_same_moment_are_both_counted(dynamodb: Any) -> None:
    store = DynamoResponses(conflicted(dynamodb, times=2), "LimitsTable")

    assert store.vote(ADA, Vote.YES)
    assert store.of_issue(SLUG) == Responses(useful=1)


def test_a_table_that_stays_busy_counts_nothing_and_says_so(dynamodb: Any) -> None:
    store = DynamoResponses(conflicted(dynamodb, times=3), "LimitsTable")

    with pytest.raises(StoreBusyError):
        store.vote(ADA, Vote.YES)
    assert store.of_issue(SLUG) is None
    assert store.vote(ADA, Vote.YES)


def test_replies_are_counted_by_issue_once_a_reader_and_beside_votes(responses: ResponseStore) -> None:
    half = vote_half_of_issue(SLUG)
    ada, grace = ReplyMark(half, "aa" * 8, NOW), ReplyMark(half, "bb" * 8, NOW)
    elsewhere = ReplyMark(vote_half_of_issue(OTHER_ISSUE.slug), "aa" * 8, NOW)

    assert [responses.reply(each) for each in (ada, ada, grace, elsewhere)] == [True, False, True, True]

    assert responses.of_issue(SLUG) == Responses(replies=2)
    responses.vote(ADA, Vote.NO)
    assert responses.of_issue(SLUG) == Responses(not_useful=1, replies=2)


def conflicted(client: Any, *, times: int) -> Any:
    return Conflicted(client, times)


class Conflicted:
    """DynamoDB, whose first transactions meet another one at the same item."""

    def __init__(self, client: Any, times: int) -> None:
        self._client, self._left = client, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def transact_write_items(self, **asked: Any) -> Any:
        self._left -= 1
        if self._left >= 0:
            reasons = [{"Code": "None"}, {"Code": "TransactionConflict"}]
            error = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise self._client.exceptions.TransactionCanceledException(error, "TransactWriteItems")
        return self._client.transact_write_items(**asked)


def test_another_error_is_not_taken_for_a_busy_moment(dynamodb: Any) -> None:
    store = DynamoResponses(dynamodb, "no-such-table")

    with pytest.raises(ClientError):
        store.vote(ADA, Vote.YES)
