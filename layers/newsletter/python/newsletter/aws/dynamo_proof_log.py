"""When CloudFront first proved itself to the API, in DynamoDB: table `limits`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store, conditionally, from_item, moment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoProofLog:
    """One item for each secret, which never expires. Shape: {"counter_key": "front-door#<secret>", "proved_at"}."""

    def __init__(self, client: DynamoDBClient, table: str, secret: str) -> None:
        """Make a log.

        Args:
            client: Of DynamoDB.
            table: `limits`.
            secret: The ARN of the secret. A CloudFront that is made anew gets another one, and has to learn again.
        """
        self._client = client
        self._table = table
        self._key: dict[str, Any] = {"counter_key": {"S": f"front-door#{secret}"}}

    def note(self, now: datetime) -> None:
        """Remember this moment, unless an earlier one is noted."""
        conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=self._key,
                UpdateExpression="SET proved_at = :now",
                ConditionExpression="attribute_not_exists(proved_at)",
                ExpressionAttributeValues={":now": {"S": now.isoformat()}},
            )
        )

    def since(self) -> datetime | None:
        """Return the moment; None if CloudFront never proved itself."""
        with busy_store():
            item = self._client.get_item(TableName=self._table, Key=self._key).get("Item", {})
        return moment(from_item(item).get("proved_at"))
