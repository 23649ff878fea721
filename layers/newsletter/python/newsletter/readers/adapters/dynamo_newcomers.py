"""People who are new to the list, written in DynamoDB's transactions: a hundred times fewer calls than one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from newsletter.aws.dynamo import busy_store
from newsletter.core.races import LOST, Race, win
from newsletter.readers.domain.subscriber import Subscriber

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers

MISSING = "attribute_not_exists(subscriber_id)"


class DynamoNewcomers:
    """Adds people who have no record and no suppression, both checked in the write itself."""

    def __init__(self, client: DynamoDBClient, subscriber_items: DynamoSubscribers, suppressions_table: str) -> None:
        self._client = client
        self._subscribers = subscriber_items
        self._suppressions_table = suppressions_table

    def add(self, newcomers: Sequence[Subscriber]) -> frozenset[str]:
        """Write up to 50 people and return the ids of those it could be done for.

        A transaction writes all or nothing, and says for each item why not. Whoever stands in its way is left out, and
        the rest tried again.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html

        Raises:
            StoreBusyError: Nobody was added; the same call can work later.
        """
        welcome = list(newcomers)

        def attempt() -> frozenset[str] | Literal[Race.LOST]:
            if not welcome:
                return frozenset()
            writes = [write for subscriber in welcome for write in self._writes(subscriber)]
            try:
                with busy_store():
                    self._client.transact_write_items(TransactItems=writes)
            except ClientError as exc:
                welcome[:] = _still_welcome(welcome, exc)
                return LOST
            return frozenset(subscriber.subscriber_id for subscriber in welcome)

        return win(attempt, busy="the database had others at work on the same people")

    def _writes(self, subscriber: Subscriber) -> tuple[Any, Any]:
        key = {"subscriber_id": {"S": subscriber.subscriber_id}}
        return (
            {"Put": self._subscribers.put(subscriber)},  # never stored yet, so it holds only without a record
            {"ConditionCheck": {"TableName": self._suppressions_table, "Key": key, "ConditionExpression": MISSING}},
        )


def _still_welcome(newcomers: list[Subscriber], error: ClientError) -> list[Subscriber]:
    if error.response["Error"]["Code"] != "TransactionCanceledException":
        raise error
    answer: Any = error.response
    codes = [reason.get("Code") for reason in answer["CancellationReasons"]]
    in_the_way = [
        "ConditionalCheckFailed" in pair for pair in zip(codes[::2], codes[1::2], strict=True)
    ]  # two for each person, in our order
    return [subscriber for subscriber, refused in zip(newcomers, in_the_way, strict=True) if not refused]
