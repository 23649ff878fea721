"""Suppressed addresses, in DynamoDB: table `suppressions`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import all_or_nothing, busy_store, conditionally, from_item, required_moment, to_item
from newsletter.aws.dynamo_batch_get import batch_get
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.domain.subscriber import Subscriber
from newsletter.readers.domain.suppression import Suppression, SuppressionReason

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoSuppressions:
    """One item per suppressed address. Shape: the fields of Suppression."""

    def __init__(
        self, client: DynamoDBClient, table: str, subscriber_items: DynamoSubscribers, receipts_table: str
    ) -> None:
        self._client = client
        self._table = table
        self._receipts = receipts_table
        self._subscribers = subscriber_items

    def get(self, subscriber_id: str) -> Suppression | None:
        """Read one suppression, consistently."""
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=_key(subscriber_id), ConsistentRead=True)
        return suppression_of(answer["Item"]) if "Item" in answer else None

    def add(self, suppression: Suppression) -> None:
        """Suppress; an erasure gives way to a bounce or complaint, otherwise the first reason stays."""
        conditionally(lambda: self._client.put_item(**self._put(suppression)))

    def suppress(self, suppression: Suppression, existing: Subscriber | None) -> bool:
        """Suppress, and take the subscriber out of the audience, in one transaction; False if a record is newer."""
        writes: list[Any] = []
        earlier = self.get(suppression.subscriber_id)
        if earlier is None or earlier.reason is SuppressionReason.ERASED:
            writes.append({"Put": self._put(suppression)})
        if existing is None:
            writes.append({"ConditionCheck": self._subscribers.missing(suppression.subscriber_id)})
        elif not existing.suppressed:
            writes.append({"Put": self._subscribers.put(replace(existing, suppressed=True))})
        return not writes or all_or_nothing(self._client, writes)

    def erase(self, tombstone: Suppression, subscriber: Subscriber) -> bool:
        """Write the tombstone, delete record and kept receipts, in one transaction; False if the record is newer."""
        receipts: Any = {"TableName": self._receipts, "Key": _key(subscriber.subscriber_id)}
        writes: list[Any] = [{"Delete": self._subscribers.deletion(subscriber)}, {"Delete": receipts}]
        if self.get(subscriber.subscriber_id) is None:
            writes.append({"Put": self._put(tombstone)})
        return all_or_nothing(self._client, writes)

    def lift(self, subscriber_id: str) -> None:
        """Forget the suppression."""
        with busy_store():
            self._client.delete_item(TableName=self._table, Key=_key(subscriber_id))

    def free(self, subscriber: Subscriber) -> bool:
        """Forget the suppression and write the record, in one transaction; False if the record is newer."""
        forget: Any = {"TableName": self._table, "Key": _key(subscriber.subscriber_id)}
        return all_or_nothing(self._client, [{"Delete": forget}, {"Put": self._subscribers.put(subscriber)}])

    def get_many(self, subscriber_ids: Collection[str]) -> Mapping[str, Suppression]:
        """Read up to 100 suppressions, consistently."""
        items = batch_get(self._client, self._table, [_key(subscriber_id) for subscriber_id in subscriber_ids])
        return {suppression.subscriber_id: suppression for suppression in map(suppression_of, items)}

    def after(self, subscriber_id: str, *, limit: int) -> list[Suppression]:
        """Return the next suppressions in the table's own order, which is that of no attribute."""
        begin: Any = {"ExclusiveStartKey": _key(subscriber_id)} if subscriber_id else {}
        with busy_store():
            answer = self._client.scan(TableName=self._table, Limit=limit, **begin)
        return [suppression_of(item) for item in answer["Items"]]

    def note_listed(self, subscriber_id: str, day: date) -> None:
        """Remember that SES lists the address, unless the suppression was lifted meanwhile."""
        conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=_key(subscriber_id),
                UpdateExpression="SET listed_on = :day",
                ConditionExpression="attribute_exists(subscriber_id)",
                ExpressionAttributeValues={":day": {"S": day.isoformat()}},
            )
        )

    def everyone(self, *, segment: int = 0, segments: int = 1) -> Iterator[Suppression]:
        """Yield the suppressions of one part of the table."""
        wanted: Any = {"TableName": self._table, "Segment": segment, "TotalSegments": segments}
        pages = self._client.get_paginator("scan").paginate(**wanted)
        with busy_store():
            for page in pages:
                yield from (suppression_of(item) for item in page["Items"])

    def _put(self, suppression: Suppression) -> Any:
        return {
            "TableName": self._table,
            "Item": to_item(asdict(suppression) | {"listed_on": _text(suppression.listed_on)}),
            "ConditionExpression": "attribute_not_exists(subscriber_id) OR reason = :erased",
            "ExpressionAttributeValues": {":erased": {"S": SuppressionReason.ERASED}},
        }


def _key(subscriber_id: str) -> dict[str, Any]:
    return {"subscriber_id": {"S": subscriber_id}}


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""


def suppression_of(item: Mapping[str, Any]) -> Suppression:
    """Return the suppression that an item of the table holds."""
    plain = from_item(item)
    return Suppression(
        subscriber_id=plain["subscriber_id"],
        reason=SuppressionReason(plain["reason"]),
        since=required_moment(plain["since"]),
        slug=plain.get("slug", ""),
        note=plain.get("note", ""),
        listed_on=date.fromisoformat(plain["listed_on"]) if "listed_on" in plain else None,
    )
