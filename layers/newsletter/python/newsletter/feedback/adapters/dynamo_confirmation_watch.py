"""The watch over confirmation mail, in DynamoDB: table `limits`.

Items: `confirmations` and `confirmations-slow` (`because`, `held_at`, `told`, `judged_from`), which never expire;
`confirmations-network-<name>`, the same for a network that was held, which does; and for each a tally a day and sample.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store, conditionally, from_item, moment
from newsletter.feedback.domain.feedback import FeedbackKind
from newsletter.readers.domain.confirmation_hold import ConfirmationHold
from newsletter.readers.domain.limits import HOUR, Lane

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NAMES = {Lane.FAST: "confirmations", Lane.SLOW: "confirmations-slow"}
KEPT = timedelta(days=15)
"""Longer than a notification can wait in the queue."""

ID_BYTES = 8
"""Of the hash of a message's id: that two of a day are the same takes longer than anybody will wait."""


class DynamoConfirmationWatch:
    """Counts confirmation mail by day, and remembers whether it is held: that of a lane, or of one network."""

    def __init__(self, client: DynamoDBClient, table: str, lane: Lane = Lane.FAST, *, network: str = "") -> None:
        """Make a watch.

        Args:
            client: Of DynamoDB.
            table: `limits`.
            lane: Whose mail is watched, if it is not that of a network.
            network: The name of a network, as `network_name` says it. It is that of a day, so its items expire.
        """
        self._client = client
        self._table = table
        self._name = f"confirmations-network-{network}" if network else NAMES[lane]
        self._expires = bool(network)
        self._key: dict[str, Any] = {"counter_key": {"S": self._name}}

    def get(self) -> ConfirmationHold:
        """Read how it stands, consistently."""
        with busy_store():
            item = self._client.get_item(TableName=self._table, Key=self._key, ConsistentRead=True).get("Item", {})
        plain = from_item(item)
        return ConfirmationHold(
            plain.get("because", ""),
            bool(plain.get("told", False)),
            moment(plain.get("judged_from")),
            moment(plain.get("held_at")),
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
                Key={"counter_key": {"S": f"{self._name}#{day.isoformat()}#{since.isoformat() if since else ''}"}},
                UpdateExpression="SET expires_at = :expires ADD " + ", ".join(f"#{kind} :{kind}" for kind in values),
                ExpressionAttributeNames={f"#{kind}": kind for kind in values},
                ExpressionAttributeValues={
                    ":expires": _expiry(now),
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

    def hold(self, because: str, *, now: datetime) -> None:
        """Hold confirmation mail from now on, judged afresh; of two holds within an hour the first stays."""
        conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=self._key,
                UpdateExpression="SET because = :because, held_at = :now, judged_from = :now"
                f"{', expires_at = :expires' if self._expires else ''} REMOVE told",
                ConditionExpression="attribute_not_exists(because) OR held_at <= :before",
                ExpressionAttributeValues={
                    ":because": {"S": because},
                    ":now": {"S": now.isoformat()},
                    ":before": {"S": (now - HOUR).isoformat()},
                    **({":expires": _expiry(now)} if self._expires else {}),
                },
            )
        )

    def note_notice(self) -> None:
        """Remember that an email about it to the editors is on its way."""
        with busy_store():
            self._client.update_item(
                TableName=self._table,
                Key=self._key,
                UpdateExpression="SET told = :true",
                ExpressionAttributeValues={":true": {"BOOL": True}},
            )

    def release(self, *, now: datetime, held_at: datetime | None = None) -> bool:
        """Let confirmation mail go on, judged afresh; False if it was not held, or not since the moment named."""
        that_one = {":held_at": {"S": held_at.isoformat()}} if held_at else {}
        return conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=self._key,
                UpdateExpression="SET judged_from = :now REMOVE because, held_at, told",
                ConditionExpression=f"attribute_exists(because){' AND held_at = :held_at' if held_at else ''}",
                ExpressionAttributeValues={":now": {"S": now.isoformat()}, **that_one},
            )
        )


def _expiry(now: datetime) -> dict[str, str]:
    return {"N": str(int((now + KEPT).timestamp()))}


def _short(message_id: str) -> bytes:
    return sha256(message_id.encode()).digest()[:ID_BYTES]
