"""A page of the table `subscribers`, of those whom a filter lets through, for clocks that go through the whole list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.domain.subscriber import Subscriber

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

READ_AT_ONCE = 100
"""The most that one BatchGetItem takes."""

PAGE = 500
"""Records of a page. On the first night all of them may have to change, at some 20 ms each, and a part has a minute."""


def list_page(
    client: DynamoDBClient,
    table: str,
    subscriber_items: DynamoSubscribers,
    bookmark: str,
    scan_filter: Mapping[str, Any],
) -> tuple[list[Subscriber], str]:
    """Return the records of the next page as they stand now, and where to go on; empty behind the last page.

    Args:
        client: The database.
        table: The list.
        subscriber_items: Reads the records; the filter saw them as they stood a moment ago.
        bookmark: The last id of the page before; empty for the first page.
        scan_filter: Parameters of Scan that say who is wanted.
    """
    begin: Any = {"ExclusiveStartKey": {"subscriber_id": {"S": bookmark}}} if bookmark else {}
    with busy_store():
        answer: Any = client.scan(
            TableName=table, Limit=PAGE, ProjectionExpression="subscriber_id", **scan_filter, **begin
        )
    ids = [item["subscriber_id"]["S"] for item in answer["Items"]]
    found = [
        subscriber
        for first in range(0, len(ids), READ_AT_ONCE)
        for subscriber in subscriber_items.get_many(ids[first : first + READ_AT_ONCE]).values()
    ]
    return found, answer.get("LastEvaluatedKey", {"subscriber_id": {"S": ""}})["subscriber_id"]["S"]
