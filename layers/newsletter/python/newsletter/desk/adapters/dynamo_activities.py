"""The desk's log in DynamoDB: table `activities`, a partition for each month; no function may change it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from newsletter.aws.dynamo import busy_store, from_item, required_moment, to_item
from newsletter.desk.domain.activity import KEPT, Activity

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


LOG = logging.getLogger(__name__)


class DynamoActivities:
    """Items {"month", "entry": "<moment>#<random>", "actor", "did", "what", "details", "session", "expires_at"}."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def note(self, activity: Activity) -> None:
        """Add a line. Two of one moment are two: their names end in chance.

        What it speaks of is done already, so it is no error if the table does not take it: the function's log says so.
        """
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
        condition = "attribute_not_exists(entry)"
        try:
            self._client.put_item(TableName=self._table, Item=item, ConditionExpression=condition)
        except (ClientError, BotoCoreError) as exc:
            # Without names: the log of a function holds no address.
            said = (activity.did, activity.session, type(exc).__name__)
            LOG.error("the log of the desk did not take a line: something was %s (by %s), %s", *said)

    def month(self, month: str, *, most: int) -> Sequence[Activity]:
        """Return the newest activities of a month, newest first."""
        found: list[Mapping[str, Any]] = []
        start: dict[str, Any] = {}
        while len(found) < most:
            with busy_store():
                answer = self._client.query(
                    TableName=self._table,
                    KeyConditionExpression="#month = :month",
                    ExpressionAttributeNames={"#month": "month"},  # a reserved word
                    ExpressionAttributeValues={":month": {"S": month}},
                    ScanIndexForward=False,
                    Limit=most - len(found),
                    **start,
                )
            found += answer["Items"]
            if "LastEvaluatedKey" not in answer:
                break
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
        return [
            Activity(
                required_moment(item["entry"].partition("#")[0]),
                item["actor"],
                item["did"],
                item.get("what", ""),
                item.get("details", ""),
                item.get("session", ""),
            )
            for item in map(from_item, found)
        ]
