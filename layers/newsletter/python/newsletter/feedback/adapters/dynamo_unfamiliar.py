"""Events of types we have no word for, in DynamoDB: table `limits`, which forgets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from newsletter.aws.dynamo import busy_store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT = timedelta(days=400)
"""Long enough for whoever looks once a year. There are no more items than types that SES invents."""


class DynamoUnfamiliar:
    """One item a type. Shape: {"counter_key": "unfamiliar#<type>", "shape", "count", "seen_at", "expires_at"}."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def keep(self, name: str, shape: str, *, now: datetime) -> None:
        """Keep the shape of the first one, and count this one; an event that arrives twice is counted twice."""
        with busy_store():
            self._client.update_item(
                TableName=self._table,
                Key={"counter_key": {"S": f"unfamiliar#{name}"}},
                UpdateExpression=(
                    "ADD #count :one SET #shape = if_not_exists(#shape, :shape), #seen = :now, #expires = :expires"
                ),
                ExpressionAttributeNames={
                    "#count": "count", "#shape": "shape", "#seen": "seen_at", "#expires": "expires_at",
                },
                ExpressionAttributeValues={
                    ":one": {"N": "1"},
                    ":shape": {"S": shape},
                    ":now": {"S": now.isoformat()},
                    ":expires": {"N": str(int((now + KEPT).timestamp()))},
                },
            )  # fmt: skip
