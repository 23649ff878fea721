"""Counters that forget, in DynamoDB: table `limits`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from newsletter.aws.dynamo import busy_store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoCounters:
    """One item for each counter. Shape: {"counter_key", "count", "expires_at": epoch seconds}.

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
                Key={"counter_key": {"S": key}},
                UpdateExpression="ADD #count :one SET #expires_at = if_not_exists(#expires_at, :expires_at)",
                ExpressionAttributeNames={"#count": "count", "#expires_at": "expires_at"},  # `count` is reserved
                ExpressionAttributeValues={":one": {"N": "1"}, ":expires_at": {"N": str(int(expires_at.timestamp()))}},
                ReturnValues="UPDATED_NEW",
            )
        return int(answer["Attributes"]["count"]["N"])
