"""Items of the table `sends`, read consistently, and the partitions that the items of one send are spread over.

DynamoDB writes 1,000 units a second to a partition key and no more, and 1,000 recipients are 86. So a send of a fast
account has several partition keys: its slug, then `<slug>#1`, `<slug>#2` and so on. What grows with the audience
(`batch#`, `shard#`, `evidence#`) lies in the one that the name of its batch or chain says; all else under the slug.
How many there are stands in the item `spread`, which is written before the first batch and never changed. It is no
attribute of the header: an older version that writes the header anew would drop it, and a header may be unreadable.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from zlib import crc32

from newsletter.aws.dynamo import busy_store, conditionally
from newsletter.errors import UnreadableBatchError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


SPREAD = "spread"
SIGN = "#"
"""Behind the slug in the names of further partitions. No slug and no name of a rehearsal holds it."""


class IssuePartition:
    """The table `sends`: each partition belongs to one issue, or holds one kind of note (`slots`, `reports`)."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table
        self._counts: dict[str, int] = {}
        """Of partitions, by slug; what is written never changes, so it is read once."""

    def spread(self, slug: str, partition_count: int) -> int:
        """Spread a send over so many partitions, unless that is decided or something is planned; return how many."""
        if self._partition_count(slug, otherwise=0) == 0:
            batches = {":slug": {"S": slug}, ":from": {"S": "batch#"}}
            with busy_store():
                planned = self._client.query(
                    TableName=self._table,
                    KeyConditionExpression="slug = :slug AND begins_with(#item, :from)",
                    ExpressionAttributeNames={"#item": "item"},
                    ExpressionAttributeValues=batches,
                    ConsistentRead=True,
                    Limit=1,
                )
            # An older version planned it, and knew of one partition.
            count = 1 if planned["Items"] else partition_count
            self.put_new({**key_of(slug, SPREAD), "partitions": {"N": str(count)}})
        return self._partition_count(slug)

    def partitions(self, slug: str) -> list[str]:
        """Return the partition keys of a send, the one under which its header stands first."""
        return [_partition(slug, number) for number in range(self._partition_count(slug))]

    def partition_of(self, slug: str, name: str) -> str:
        """Return the partition key for what belongs to the batch or the chain of this name."""
        return _partition(slug, crc32(name.encode()) % self._partition_count(slug))

    def _partition_count(self, slug: str, *, otherwise: int = 1) -> int:
        if slug not in self._counts:
            item = self.item(slug, SPREAD)
            if item is None:
                return otherwise  # a send of an older version, or nothing of it is planned yet
            self._counts[slug] = _count(slug, item)
        return self._counts[slug]

    def put_new(self, item: dict[str, Any]) -> bool:
        """Write an item unless its key is taken; return whether it was written."""
        return conditionally(
            lambda: self._client.put_item(
                TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(slug)"
            )
        )

    def item(self, slug: str, item: str) -> dict[str, Any] | None:
        """Return one item, or None."""
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=key_of(slug, item), ConsistentRead=True)
        return answer.get("Item")

    def query_all(self, slug: str, condition: str, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the same of all partitions of a send, in the order of `#item`."""
        found = [self.query(each, condition, values) for each in self.partitions(slug)]
        yield from heapq.merge(*found, key=lambda item: str(item["item"]["S"]))

    def query(self, slug: str, condition: str, values: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the items whose sort key `#item` meets the condition, in its order."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression=f"slug = :slug AND {condition}",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues={":slug": {"S": slug}, **values},
            ConsistentRead=True,
        )
        with busy_store():
            for page in pages:
                yield from page["Items"]


def _count(slug: str, item: dict[str, Any]) -> int:
    try:
        count = int(item["partitions"]["N"])
    except (KeyError, TypeError, ValueError):
        count = 0
    if count < 1:
        raise UnreadableBatchError(
            f"The item {SPREAD} of {slug} in the table of sends cannot be read. Its attribute `partitions` is a number:"
            f" how many keys `{slug}`, `{slug}{SIGN}1` and so on hold items."
        )
    return count


def slug_of(partition: str) -> str:
    """Return the send that a partition key is of."""
    return partition.partition(SIGN)[0]


def _partition(slug: str, number: int) -> str:
    return f"{slug}{SIGN}{number}" if number else slug


def key_of(slug: str, item: str) -> dict[str, Any]:
    """Return the key of an item."""
    return {"slug": {"S": slug}, "item": {"S": item}}
