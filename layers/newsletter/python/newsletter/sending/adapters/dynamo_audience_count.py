"""How many confirmed subscribers there are, kept in DynamoDB: table `sends`, partition `list`, item `size`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store, from_item, required_moment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEY: dict[str, Any] = {"slug": {"S": "list"}, "item": {"S": "size"}}


class DynamoAudienceCount:
    """One item. The function that renders what editors upload reads it, and nothing of the list itself."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def last(self) -> tuple[int, datetime] | None:
        """Return how many there were and when that was counted, or None if nobody has counted yet."""
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=KEY, ConsistentRead=True)
        plain = from_item(answer.get("Item", {}))
        return (int(plain["count"]), required_moment(plain["counted_at"])) if plain else None

    def keep(self, count: int, *, now: datetime) -> None:
        """Remember how many there are."""
        with busy_store():
            self._client.put_item(
                TableName=self._table,
                Item={**KEY, "count": {"N": str(count)}, "counted_at": {"S": now.isoformat()}},
            )
