"""Readers whose consent is old, in DynamoDB: the table `subscribers`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.retention_ports import OldConsentsPage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

READ_AT_ONCE = 100
"""The most that one BatchGetItem takes."""

PAGE = 500
"""Records of a page: all of them may have to be asked, at some 10 ms each."""

WANTED = (
    "#status = :confirmed AND attribute_exists(audience)"
    " AND (attribute_not_exists(confirmed_at) OR confirmed_at <= :given_before)"
    " AND (attribute_not_exists(#consent.confirmed_at) OR #consent.confirmed_at <= :given_before)"
)
"""Moments are texts that sort like the moments. The record itself decides; this spares reading the others."""


class DynamoOldConsents:
    """Scans for them; an index would have to be written for each reader, and be read once in some years."""

    def __init__(self, client: DynamoDBClient, table: str, subscriber_items: DynamoSubscribers) -> None:
        self._client = client
        self._table = table
        self._subscribers = subscriber_items

    def page(self, bookmark: str, *, given_before: datetime) -> OldConsentsPage:
        """Return those of the next page of the table, as they stand now."""
        begin: Any = {"ExclusiveStartKey": {"subscriber_id": {"S": bookmark}}} if bookmark else {}
        with busy_store():
            answer = self._client.scan(
                TableName=self._table,
                Limit=PAGE,
                FilterExpression=WANTED,
                ProjectionExpression="subscriber_id",
                ExpressionAttributeNames={"#status": "status", "#consent": "consent"},
                ExpressionAttributeValues={
                    ":confirmed": {"S": Status.CONFIRMED},
                    ":given_before": {"S": given_before.isoformat()},
                },
                **begin,
            )
        ids = [item["subscriber_id"]["S"] for item in answer["Items"]]
        found = [
            subscriber
            for first in range(0, len(ids), READ_AT_ONCE)
            for subscriber in self._subscribers.get_many(ids[first : first + READ_AT_ONCE]).values()
        ]
        last: Any = answer.get("LastEvaluatedKey", {"subscriber_id": {"S": ""}})
        return OldConsentsPage(found, last["subscriber_id"]["S"])
