"""Readers whose consent is old, in DynamoDB: the table `subscribers`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from newsletter.readers.adapters.dynamo_list_page import list_page
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.retention_ports import OldConsentsPage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

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
        scan_filter = {
            "FilterExpression": WANTED,
            "ExpressionAttributeNames": {"#status": "status", "#consent": "consent"},
            "ExpressionAttributeValues": {
                ":confirmed": {"S": Status.CONFIRMED},
                ":given_before": {"S": given_before.isoformat()},
            },
        }
        return OldConsentsPage(*list_page(self._client, self._table, self._subscribers, bookmark, scan_filter))
