"""Items of one partition of the table `sends`, read consistently."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store, conditionally

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class IssuePartition:
    """The table `sends`: each partition belongs to one issue, or holds one kind of note (`slots`, `reports`)."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

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


def key_of(slug: str, item: str) -> dict[str, Any]:
    """Return the key of an item."""
    return {"slug": {"S": slug}, "item": {"S": item}}
