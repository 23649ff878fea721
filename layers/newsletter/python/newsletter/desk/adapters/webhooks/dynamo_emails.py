"""Addresses of single subscribers, for endpoints that are told them: of a record, nothing else is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.aws.dynamo import busy_store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoEmails:
    """Reads the attribute `email` of the table `subscribers`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def of_subscriber(self, subscriber_id: str) -> str:
        """Return the address; empty if there is none any more."""
        with busy_store():
            answer = self._client.get_item(
                TableName=self._table,
                Key={"subscriber_id": {"S": subscriber_id}},
                ProjectionExpression="subscriber_id, email",
                ConsistentRead=True,
            )
        return answer.get("Item", {}).get("email", {}).get("S", "")
