"""What names readers in the table `sends`, given a moment of expiry: DynamoDB erases it within about two days."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import islice, product
from typing import Any

from newsletter.aws.dynamo import busy_store, conditionally
from newsletter.core.ports import Clock
from newsletter.sending.adapters.issue_partition import IssuePartition, key_of

NAMING_READERS = ("batch#", "engagement#", "evidence#", "wave")
"""The beginnings of the keys of these items (names of batches are ids); header, shards, tallies, usage hold numbers."""

SIDE_BY_SIDE = 8
AT_ONCE = 200
"""Items between two looks at the clock."""


class DynamoOutcomes(IssuePartition):
    """Marks items instead of deleting them: whoever may mark can erase nothing at once."""

    def __init__(self, client: Any, table: str, clock: Clock) -> None:
        super().__init__(client, table)
        self._clock = clock

    def expire(self, slug: str, *, now: datetime, until: datetime) -> tuple[int, bool]:
        """Let everything that names readers expire from now on, unless it does already."""
        marked, unmarked = 0, self._unmarked(slug)
        with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
            while items := list(islice(unmarked, AT_ONCE)):
                marked += sum(threads.map(lambda key: self._mark(key[0], key[1], now), items))
                if self._clock.now() >= until:
                    return marked, False
        return marked, True

    def _unmarked(self, slug: str) -> Iterator[tuple[str, str]]:
        for partition, beginning in product(self.partitions(slug), NAMING_READERS):
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="slug = :slug AND begins_with(#item, :beginning)",
                FilterExpression="attribute_not_exists(expires_at)",
                ProjectionExpression="#item",
                ExpressionAttributeNames={"#item": "item"},
                ExpressionAttributeValues={":slug": {"S": partition}, ":beginning": {"S": beginning}},
            )
            with busy_store():
                for page in pages:
                    yield from ((partition, item["item"]["S"]) for item in page["Items"])

    def _mark(self, partition: str, item: str, now: datetime) -> bool:
        return conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=key_of(partition, item),
                UpdateExpression="SET expires_at = :now",
                ConditionExpression="attribute_exists(slug)",
                ExpressionAttributeValues={":now": {"N": str(int(now.timestamp()))}},
            )
        )
