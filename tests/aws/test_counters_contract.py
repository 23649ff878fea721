"""What every counter promises, checked on the one in memory and on DynamoDB alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Lock
from typing import Any

import pytest
from botocore.exceptions import ClientError

from newsletter.aws.dynamo_counters import DynamoCounters
from newsletter.core.ports import Counters
from newsletter.errors import StoreBusyError
from tests.core.fakes import NOW, MemoryCounters

SOON = NOW + timedelta(hours=1)


@pytest.fixture(params=["memory", "dynamodb"])
def counters(request: pytest.FixtureRequest) -> Counters:
    if request.param == "memory":
        return MemoryCounters()
    return DynamoCounters(OneCallAtATime(request.getfixturevalue("dynamodb")), "LimitsTable")  # type: ignore[arg-type]


class OneCallAtATime:
    """DynamoDB applies the updates of an item one after the other; moto lets two threads into one."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._lock = Lock()

    def update_item(self, **request: Any) -> Any:
        with self._lock:
            return self._client.update_item(**request)

    def get_item(self, **request: Any) -> Any:
        return self._client.get_item(**request)


def test_a_counter_counts_from_one(counters: Counters) -> None:
    assert [counters.bump("network#a", expires_at=SOON) for _ in range(3)] == [1, 2, 3]


def test_counters_do_not_know_each_other(counters: Counters) -> None:
    counters.bump("network#a", expires_at=SOON)

    assert counters.bump("network#b", expires_at=SOON) == 1


def test_everybody_who_counts_at_once_gets_a_number_of_their_own(counters: Counters) -> None:
    with ThreadPoolExecutor(4) as crowd:
        numbers = list(crowd.map(lambda _: counters.bump("network#a", expires_at=SOON), range(20)))

    assert sorted(numbers) == list(range(1, 21))


def test_a_counter_can_be_looked_at_without_counting(counters: Counters) -> None:
    assert counters.count("network#a") == 0
    counters.bump("network#a", expires_at=SOON)

    assert [counters.count("network#a") for _ in range(2)] == [1, 1]


def test_what_is_given_back_does_not_count(counters: Counters) -> None:
    for _ in range(3):
        counters.bump("network#a", expires_at=SOON)

    counters.give_back("network#a")

    assert counters.count("network#a") == 2
    assert counters.bump("network#a", expires_at=SOON) == 3


def test_nothing_is_given_back_to_a_counter_that_is_forgotten(counters: Counters) -> None:
    counters.give_back("network#a")

    assert counters.bump("network#a", expires_at=SOON) == 1


def test_of_a_few_places_each_is_taken_once_and_kept(counters: Counters) -> None:
    def take(who: str) -> bool:
        return counters.take("mailbox#a", who, most=3, expires_at=SOON)

    assert [take(who) for who in "ABC"] == [True, True, True]
    assert [take(who) for who in "DAB"] == [False, True, True]
    assert counters.take("mailbox#b", "D", most=3, expires_at=SOON)


def test_of_a_crowd_that_wants_a_few_places_at_once_only_so_many_get_one(counters: Counters) -> None:
    with ThreadPoolExecutor(4) as crowd:
        got = list(crowd.map(lambda who: counters.take("mailbox#a", str(who), most=3, expires_at=SOON), range(20)))

    assert got.count(True) == 3


def test_dynamodb_may_forget_a_counter_when_the_first_attempt_said(dynamodb: Any) -> None:
    counters = DynamoCounters(dynamodb, "LimitsTable")
    counters.bump("network#a", expires_at=SOON)
    counters.bump("network#a", expires_at=SOON + timedelta(days=1))

    (item,) = dynamodb.scan(TableName="LimitsTable")["Items"]
    assert item == {
        "counter_key": {"S": "network#a"},
        "count": {"N": "2"},
        "expires_at": {"N": str(int(SOON.timestamp()))},
    }


class Refusing:
    """A client whose table has had enough."""

    def __init__(self, code: str) -> None:
        self.code = code

    def update_item(self, **_: Any) -> Any:
        raise ClientError({"Error": {"Code": self.code, "Message": "no"}}, "UpdateItem")


def test_a_busy_table_is_no_verdict() -> None:
    client: Any = Refusing("ThrottlingException")
    with pytest.raises(StoreBusyError):
        DynamoCounters(client, "LimitsTable").bump("network#a", expires_at=SOON)


def test_a_missing_permission_is_not_taken_for_a_busy_table() -> None:
    client: Any = Refusing("AccessDeniedException")
    with pytest.raises(ClientError):
        DynamoCounters(client, "LimitsTable").bump("network#a", expires_at=SOON)
