"""The desk's log in DynamoDB: table `activities`, a partition for each month; no function may change it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from newsletter.aws.dynamo import busy_store, from_item, required_moment, to_item
from newsletter.desk.domain.activity import KEPT, Activity

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoActivities:
    """Items {"month", "entry": "<moment>#<random>", "actor", "did", "what", "details", "session", "expires_at"}."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def note(self, activity: Activity) -> None:
        """Add a line. Two of one moment are two: their names end in chance."""
        item = to_item(
            {
                "month": activity.at.strftime("%Y-%m"),
                "entry": f"{activity.at.isoformat(timespec='microseconds')}#{secrets.token_hex(4)}",
                "actor": activity.actor,
                "did": activity.did,
                "what": activity.what,
                "details": activity.details,
                "session": activity.session,
                "expires_at": int((activity.at + KEPT).timestamp()),
            }
        )
        with busy_store():
            self._client.put_item(TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(entry)")

    def month(self, month: str, *, most: int) -> Sequence[Activity]:
        """Return the newest activities of a month, newest first."""
        with busy_store():
            answer = self._client.query(
                TableName=self._table,
                KeyConditionExpression="#month = :month",
                ExpressionAttributeNames={"#month": "month"},  # a reserved word
                ExpressionAttributeValues={":month": {"S": month}},
                ScanIndexForward=False,
                Limit=most,
            )
        return [
            Activity(
                required_moment(item["entry"].partition("#")[0]),
                item["actor"],
                item["did"],
                item.get("what", ""),
                item.get("details", ""),
                item.get("session", ""),
            )
            for item in map(from_item, answer["Items"])
        ]
