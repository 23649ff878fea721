"""Suppressed addresses, in DynamoDB: table `suppressions`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from newsletter.adapters.dynamo import (
    all_or_nothing,
    busy_store,
    conditionally,
    from_item,
    required_moment,
    to_item,
)
from newsletter.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.domain.subscriber import Subscriber
from newsletter.domain.suppression import Suppression, SuppressionReason

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoSuppressions:
    """One item per suppressed address. Shape: the fields of Suppression."""

    def __init__(self, client: DynamoDBClient, table: str, subscribers: DynamoSubscribers) -> None:
        self._client = client
        self._table = table
        self._subscribers = subscribers

    def get(self, subscriber_id: str) -> Suppression | None:
        """Read one suppression, consistently."""
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=_key(subscriber_id), ConsistentRead=True)
        return _suppression(answer["Item"]) if "Item" in answer else None

    def add(self, suppression: Suppression) -> None:
        """Suppress; an erasure gives way to a bounce or complaint, otherwise the first reason stays."""
        conditionally(lambda: self._client.put_item(**self._put(suppression)))

    def suppress(self, suppression: Suppression, subscriber: Subscriber | None) -> bool:
        """Suppress, and take the subscriber out of the audience, in one transaction; False if a record is newer."""
        writes: list[Any] = []
        known = self.get(suppression.subscriber_id)
        if known is None or known.reason is SuppressionReason.ERASED:
            writes.append({"Put": self._put(suppression)})
        if subscriber is None:
            writes.append({"ConditionCheck": self._subscribers.missing(suppression.subscriber_id)})
        elif not subscriber.suppressed:
            writes.append({"Put": self._subscribers.put(replace(subscriber, suppressed=True))})
        return not writes or all_or_nothing(self._client, writes)

    def erase(self, tombstone: Suppression, subscriber: Subscriber) -> bool:
        """Write the tombstone and delete the record, in one transaction; False if the record is newer."""
        writes: list[Any] = [{"Delete": self._subscribers.deletion(subscriber)}]
        if self.get(subscriber.subscriber_id) is None:
            writes.append({"Put": self._put(tombstone)})
        return all_or_nothing(self._client, writes)

    def admit(self, subscriber: Subscriber) -> bool:
        """Write a new subscriber unless the address is suppressed, in one transaction."""
        free = {"ConditionExpression": "attribute_not_exists(subscriber_id)"}
        check: Any = {"TableName": self._table, "Key": _key(subscriber.subscriber_id), **free}
        return all_or_nothing(self._client, [{"Put": self._subscribers.put(subscriber)}, {"ConditionCheck": check}])

    def lift(self, subscriber_id: str) -> None:
        """Forget the suppression."""
        with busy_store():
            self._client.delete_item(TableName=self._table, Key=_key(subscriber_id))

    def _put(self, suppression: Suppression) -> Any:
        return {
            "TableName": self._table,
            "Item": to_item(asdict(suppression)),
            "ConditionExpression": "attribute_not_exists(subscriber_id) OR reason = :erased",
            "ExpressionAttributeValues": {":erased": {"S": SuppressionReason.ERASED}},
        }


def _key(subscriber_id: str) -> dict[str, Any]:
    return {"subscriber_id": {"S": subscriber_id}}


def _suppression(item: Mapping[str, Any]) -> Suppression:
    plain = from_item(item)
    return Suppression(
        subscriber_id=plain["subscriber_id"],
        reason=SuppressionReason(plain["reason"]),
        since=required_moment(plain["since"]),
        slug=plain.get("slug", ""),
    )
