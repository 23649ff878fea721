"""The tables `subscribers` and `suppressions` page by page, for a function that can write in neither."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store
from newsletter.errors import UnreadableRecordError
from newsletter.readers.adapters.dynamo_subscribers import subscriber_of
from newsletter.readers.adapters.dynamo_suppressions import suppression_of
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.list_pages import SubscriberPage, SuppressionPage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoListPages:
    """One Scan a page, which begins behind the last id of the page before."""

    def __init__(self, client: DynamoDBClient, subscribers_table: str, suppressions_table: str) -> None:
        self._client = client
        self._subscribers = subscribers_table
        self._suppressions = suppressions_table

    def subscribers(self, *, after: str, limit: int, subscriber_status: Status | None = None) -> SubscriberPage:
        """Return those of the next `limit` records that have this status."""
        wanted: dict[str, Any] = {}
        if subscriber_status is not None:
            wanted = {
                "FilterExpression": "#status = :status",
                "ExpressionAttributeNames": {"#status": "status"},  # a reserved word
                "ExpressionAttributeValues": {":status": {"S": str(subscriber_status)}},
            }
        items, last_id = self._page(self._subscribers, after, limit, wanted)
        readable, unreadable = [], []
        for item in items:
            try:
                readable.append(subscriber_of(item))
            except UnreadableRecordError:
                unreadable.append(item["subscriber_id"]["S"])
        return SubscriberPage(readable, unreadable, last_id)

    def suppressions(self, *, after: str, limit: int) -> SuppressionPage:
        """Return the next suppressions."""
        items, last_id = self._page(self._suppressions, after, limit, {})
        return SuppressionPage([suppression_of(item) for item in items], last_id)

    def _page(self, table: str, after: str, limit: int, wanted: dict[str, Any]) -> tuple[list[Any], str]:
        begin: Any = {"ExclusiveStartKey": {"subscriber_id": {"S": after}}} if after else {}
        with busy_store():
            answer: Any = self._client.scan(TableName=table, Limit=limit, ConsistentRead=True, **wanted, **begin)
        return answer["Items"], answer.get("LastEvaluatedKey", {}).get("subscriber_id", {}).get("S", "")
