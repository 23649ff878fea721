"""Sessions of the desk, and attempts to sign in, in DynamoDB: table `sessions`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store, conditionally, from_item, required_moment, to_item
from newsletter.desk.domain.session import Session
from newsletter.desk.domain.sign_in_attempt import KEPT, SignInAttempt

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoSessions:
    """Items `session#<hash>` and `attempt#<id>`; TTL tidies them up, every reader compares moments itself."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def open(self, session: Session) -> None:
        """Remember a session."""
        self._put(
            f"session#{session.session_hash}",
            {
                "member_id": session.member_id,
                "opened_at": session.opened_at,
                "used_at": session.used_at,
                "by_passkey": session.by_passkey,
            },
            session.ends_at,
        )

    def find(self, session_hash: str) -> Session | None:
        """Return the session; None if there is none."""
        item = self._get(f"session#{session_hash}")
        if item is None:
            return None
        opened_at, used_at = required_moment(item["opened_at"]), required_moment(item["used_at"])
        return Session(session_hash, item["member_id"], opened_at, used_at, item.get("by_passkey", False))

    def note_use(self, session: Session, now: datetime) -> None:
        """Remember that the session is in use at this moment; one that was ended meanwhile stays ended."""
        idle = session.ends_at - session.used_at
        conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=_key(f"session#{session.session_hash}"),
                UpdateExpression="SET used_at = :now, expires_at = :ends",
                ConditionExpression="attribute_exists(item_key)",
                ExpressionAttributeValues={
                    ":now": {"S": now.isoformat()},
                    ":ends": {"N": str(int((now + idle).timestamp()))},
                },
            )
        )

    def close(self, session_hash: str) -> None:
        """End a session; it does not matter if there is none."""
        with busy_store():
            self._client.delete_item(TableName=self._table, Key=_key(f"session#{session_hash}"))

    def begin(self, attempt: SignInAttempt) -> None:
        """Remember an attempt."""
        self._put(
            f"attempt#{attempt.attempt_id}",
            {
                "member_id": attempt.member_id,
                "browser_hash": attempt.browser_hash,
                "asked_at": attempt.asked_at,
                "secret": attempt.secret,
            },
            attempt.ends_at + KEPT,
        )

    def attempt(self, attempt_id: str) -> SignInAttempt | None:
        """Return the attempt; None if there is none."""
        item = self._get(f"attempt#{attempt_id}")
        if item is None:
            return None
        return SignInAttempt(
            attempt_id,
            item.get("member_id", ""),
            item["browser_hash"],
            required_moment(item["asked_at"]),
            item["secret"],
            item.get("guesses", 0),
            item.get("used", False),
        )

    def count_guess(self, attempt_id: str, *, most: int) -> bool:
        """Count one more guess; return whether there was one left."""
        return conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=_key(f"attempt#{attempt_id}"),
                UpdateExpression="ADD guesses :one",
                ConditionExpression=(
                    "attribute_exists(item_key) AND (attribute_not_exists(guesses) OR guesses < :most)"
                ),
                ExpressionAttributeValues={":one": {"N": "1"}, ":most": {"N": str(most)}},
            )
        )

    def use_up(self, attempt_id: str) -> bool:
        """Mark the attempt as used; return whether it was not used before."""
        return conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=_key(f"attempt#{attempt_id}"),
                UpdateExpression="SET used = :used",
                ConditionExpression="attribute_exists(item_key) AND attribute_not_exists(used)",
                ExpressionAttributeValues={":used": {"BOOL": True}},
            )
        )

    def _put(self, item_key: str, fields: dict[str, Any], expires_at: datetime) -> None:
        item = to_item({"item_key": item_key, **fields, "expires_at": int(expires_at.timestamp())})
        with busy_store():
            self._client.put_item(TableName=self._table, Item=item)

    def _get(self, item_key: str) -> dict[str, Any] | None:
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=_key(item_key), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None


def _key(item_key: str) -> Any:
    return {"item_key": {"S": item_key}}
