"""Counters that forget, in DynamoDB: table `limits`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store, conditionally

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoCounters:
    """One item for each counter. Shape: {"counter_key", "count" or "takers", "expires_at": epoch seconds}.

    Every counter's key names its window, so that no counter outlives its meaning: TTL, which may run days late, only
    tidies up.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def bump(self, key: str, *, expires_at: datetime) -> int:
        """Count one more, atomically, and return how many there are."""
        with busy_store():
            answer = self._client.update_item(
                TableName=self._table,
                Key=counter_key(key),
                UpdateExpression="ADD #count :one SET #expires_at = if_not_exists(#expires_at, :expires_at)",
                ExpressionAttributeNames={"#count": "count", "#expires_at": "expires_at"},  # `count` is reserved
                ExpressionAttributeValues={":one": {"N": "1"}, ":expires_at": {"N": str(int(expires_at.timestamp()))}},
                ReturnValues="UPDATED_NEW",
            )
        return int(answer["Attributes"]["count"]["N"])

    def give_back(self, key: str) -> None:
        """Count one less, atomically; a counter that is forgotten already stays so."""
        conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=counter_key(key),
                UpdateExpression="ADD #count :minus_one",
                ConditionExpression="attribute_exists(#count)",
                ExpressionAttributeNames={"#count": "count"},
                ExpressionAttributeValues={":minus_one": {"N": "-1"}},
            )
        )

    def take(self, key: str, taker: str, *, most: int, expires_at: datetime) -> bool:
        """Take one of a few places, atomically, unless `taker` has one already; return whether it has one now."""
        return conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=counter_key(key),
                UpdateExpression="ADD #takers :takers SET #expires_at = if_not_exists(#expires_at, :expires_at)",
                ConditionExpression=(
                    "attribute_not_exists(#takers) OR size(#takers) < :most OR contains(#takers, :taker)"
                ),
                ExpressionAttributeNames={"#takers": "takers", "#expires_at": "expires_at"},
                ExpressionAttributeValues={
                    ":takers": {"SS": [taker]},
                    ":taker": {"S": taker},
                    ":most": {"N": str(most)},
                    ":expires_at": {"N": str(int(expires_at.timestamp()))},
                },
            )
        )

    def count(self, key: str) -> int:
        """Return how many there are; a moment old at most."""
        with busy_store():
            item = self._client.get_item(TableName=self._table, Key=counter_key(key)).get("Item", {})
        return count_of(item)


def counter_key(key: str) -> dict[str, Any]:
    """Return the key of a counter's item."""
    return {"counter_key": {"S": key}}


def count_of(item: Mapping[str, Any]) -> int:
    """Return how much a counter's item has counted."""
    return int(item.get("count", {"N": "0"})["N"])
