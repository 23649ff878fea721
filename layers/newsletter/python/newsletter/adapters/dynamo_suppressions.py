"""Suppressed addresses, in DynamoDB: table `suppressions`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from newsletter.adapters.dynamo import busy_store, conditionally, from_item, required_moment, to_item
from newsletter.adapters.dynamo_batch_get import batch_get
from newsletter.domain.suppression import Suppression, SuppressionReason

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoSuppressions:
    """One item per suppressed address. Shape: the fields of Suppression."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, subscriber_id: str) -> Suppression | None:
        """Read one suppression, consistently."""
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=_key(subscriber_id), ConsistentRead=True)
        return suppression_of(answer["Item"]) if "Item" in answer else None

    def add(self, suppression: Suppression) -> None:
        """Suppress; an erasure gives way to a bounce or complaint, otherwise the first reason stays."""
        conditionally(
            lambda: self._client.put_item(
                TableName=self._table,
                Item=to_item(asdict(suppression)),
                ConditionExpression="attribute_not_exists(subscriber_id) OR reason = :erased",
                ExpressionAttributeValues={":erased": {"S": SuppressionReason.ERASED}},
            )
        )

    def lift(self, subscriber_id: str) -> None:
        """Forget the suppression."""
        with busy_store():
            self._client.delete_item(TableName=self._table, Key=_key(subscriber_id))

    def which(self, subscriber_ids: Collection[str]) -> frozenset[str]:
        """Return those of up to 100 ids that are suppressed, read consistently."""
        items = batch_get(self._client, self._table, [_key(who) for who in subscriber_ids])
        return frozenset(item["subscriber_id"]["S"] for item in items)


def _key(subscriber_id: str) -> dict[str, Any]:
    return {"subscriber_id": {"S": subscriber_id}}


def suppression_of(item: Mapping[str, Any]) -> Suppression:
    """Return the suppression that an item of the table holds."""
    plain = from_item(item)
    return Suppression(
        subscriber_id=plain["subscriber_id"],
        reason=SuppressionReason(plain["reason"]),
        since=required_moment(plain["since"]),
        slug=plain.get("slug", ""),
    )
