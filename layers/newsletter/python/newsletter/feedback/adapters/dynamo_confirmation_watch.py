"""The watch over confirmation mail, in DynamoDB: table `limits`.

Items: `confirmations` (`because`, `told`, `judged_from`), which never expires, and one tally for each day and sample.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from newsletter.aws.dynamo import busy_store, conditionally, from_item, moment
from newsletter.feedback.domain.feedback import FeedbackKind
from newsletter.readers.domain.confirmation_hold import ConfirmationHold

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEY = {"counter_key": {"S": "confirmations"}}
KEPT = timedelta(days=15)
"""Longer than a notification can wait in the queue."""

ID_BYTES = 8
"""Of the hash of a message's id: that two of a day are the same takes longer than anybody will wait."""


class DynamoConfirmationWatch:
    """Counts confirmation mail by day, and remembers whether it is held."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def get(self) -> ConfirmationHold:
        """Read how it stands, consistently."""
        with busy_store():
            item = self._client.get_item(TableName=self._table, Key=KEY, ConsistentRead=True).get("Item", {})
        plain = from_item(item)
        return ConfirmationHold(
            plain.get("because", ""), bool(plain.get("told", False)), moment(plain.get("judged_from"))
        )

    def count(
        self, day: date, since: datetime | None, message_ids: Mapping[FeedbackKind, Collection[str]], *, now: datetime
    ) -> Mapping[FeedbackKind, int]:
        """Count messages, in one write; return how many there are of each kind.

        Bounces and complaints are counted by the messages' ids, exactly. Accepted ones are only added up, which keeps
        the item small; one that is reported twice makes the breaker a little slower.
        """
        values = {
            kind: {"N": str(len(ids))} if kind is FeedbackKind.SENT else {"BS": sorted({_short(each) for each in ids})}
            for kind, ids in message_ids.items()
        }
        with busy_store():
            answer = self._client.update_item(
                TableName=self._table,
                Key={"counter_key": {"S": f"confirmations#{day.isoformat()}#{since.isoformat() if since else ''}"}},
                UpdateExpression="SET expires_at = :expires ADD " + ", ".join(f"#{kind} :{kind}" for kind in values),
                ExpressionAttributeNames={f"#{kind}": kind for kind in values},
                ExpressionAttributeValues={
                    ":expires": {"N": str(int((now + KEPT).timestamp()))},
                    **{f":{kind}": value for kind, value in values.items()},
                },
                ReturnValues="ALL_NEW",
            )
        counted = answer["Attributes"]
        return {
            kind: int(counted[kind]["N"]) if kind is FeedbackKind.SENT else len(counted[kind]["BS"])
            for kind in FeedbackKind
            if kind in counted
        }

    def hold(self, because: str) -> None:
        """Hold confirmation mail; the first reason stays."""
        conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=KEY,
                UpdateExpression="SET because = :because",
                ConditionExpression="attribute_not_exists(because)",
                ExpressionAttributeValues={":because": {"S": because}},
            )
        )

    def note_notice(self) -> None:
        """Remember that the editors got a mail about it."""
        with busy_store():
            self._client.update_item(
                TableName=self._table,
                Key=KEY,
                UpdateExpression="SET told = :true",
                ExpressionAttributeValues={":true": {"BOOL": True}},
            )

    def release(self, *, now: datetime) -> bool:
        """Let confirmation mail go on, judged afresh; False if it was not held."""
        return conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=KEY,
                UpdateExpression="SET judged_from = :now REMOVE because, told",
                ConditionExpression="attribute_exists(because)",
                ExpressionAttributeValues={":now": {"S": now.isoformat()}},
            )
        )


def _short(message_id: str) -> bytes:
    return sha256(message_id.encode()).digest()[:ID_BYTES]
