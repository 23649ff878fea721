"""Passkeys in DynamoDB: in the table `sessions`, of which the desk's other functions read sessions alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import all_or_nothing, busy_store, conditionally, from_item, moment, required_moment, to_item
from newsletter.desk.passkeys.passkey import MOST, Keyring, Passkey, PasskeyChallenge

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

IS_THERE, IS_NEW = "attribute_exists(item_key)", "attribute_not_exists(item_key)"


class DynamoPasskeys:
    """Items `passkey#<id>`, `passkeys-of#<member>` with the ids of theirs, and `challenge#<hash>`, which TTL tidies."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def keyring(self, member_id: str) -> Keyring:
        """Return what is kept of a member beside their passkeys; an empty one if nothing is."""
        return _keyring(self._get(f"passkeys-of#{member_id}") or {})

    def start_keyring(self, member_id: str, user_handle: bytes) -> Keyring:
        """Return the keyring of a member, with this handle if it has none yet."""
        with busy_store():
            answer = self._client.update_item(
                TableName=self._table,
                Key=_key(f"passkeys-of#{member_id}"),
                UpdateExpression="SET user_handle = if_not_exists(user_handle, :new)",
                ExpressionAttributeValues={":new": {"B": user_handle}},
                ReturnValues="ALL_NEW",
            )
        return _keyring(from_item(answer["Attributes"]))

    def decline(self, member_id: str) -> None:
        """Remember that the member said "not now"."""
        with busy_store():
            self._client.update_item(
                TableName=self._table,
                Key=_key(f"passkeys-of#{member_id}"),
                UpdateExpression="SET declined = :yes",
                ExpressionAttributeValues={":yes": {"BOOL": True}},
            )

    def of_member(self, member_id: str) -> Sequence[Passkey]:
        """Return the passkeys of a member, the oldest first."""
        found = (self.find(passkey_id) for passkey_id in self.keyring(member_id).passkey_ids)
        return sorted((each for each in found if each), key=lambda each: (each.added_at, each.passkey_id))

    def find(self, passkey_id: str) -> Passkey | None:
        """Return the passkey; None if there is none."""
        item = self._get(f"passkey#{passkey_id}")
        return _passkey(passkey_id, item) if item else None

    def add(self, passkey: Passkey) -> bool:
        """Keep a passkey; return whether it is new, whosever it may be already, and its owner has room for it."""
        item = to_item(
            {
                "item_key": f"passkey#{passkey.passkey_id}",
                "member_id": passkey.member_id,
                "credential_id": passkey.credential_id,
                "user_handle": passkey.user_handle,
                "public_key": passkey.public_key,
                "added_at": passkey.added_at,
                "name": passkey.name,
                "sign_count": passkey.sign_count,
                "used_at": passkey.used_at,
            }
        )
        kept: TransactWriteItemTypeDef = {
            "Put": {"TableName": self._table, "Item": item, "ConditionExpression": IS_NEW}
        }
        listed: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self._table,
                "Key": _key(f"passkeys-of#{passkey.member_id}"),
                "UpdateExpression": "ADD passkeys :own",
                "ConditionExpression": (
                    "user_handle = :handle AND (attribute_not_exists(passkeys) OR size(passkeys) < :most)"
                ),
                "ExpressionAttributeValues": {
                    ":own": {"SS": [passkey.passkey_id]},
                    ":handle": {"B": passkey.user_handle},
                    ":most": {"N": str(MOST)},
                },
            }
        }
        return all_or_nothing(self._client, [kept, listed])

    def note_use(self, passkey: Passkey, sign_count: int, now: datetime) -> bool:
        """Remember its use; return whether it was there, and its counter had not come so far meanwhile."""
        counted = ", sign_count = :count" if sign_count else ""
        forward = " OR sign_count < :count" if sign_count else ""
        values: dict[str, Any] = {":now": {"S": now.isoformat()}}
        if sign_count:
            values[":count"] = {"N": str(sign_count)}
        return conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=_key(f"passkey#{passkey.passkey_id}"),
                UpdateExpression=f"SET used_at = :now{counted}",
                ConditionExpression=f"{IS_THERE} AND (attribute_not_exists(sign_count){forward})",
                ExpressionAttributeValues=values,
            )
        )

    def remove(self, member_id: str, passkey_id: str) -> bool:
        """Remove a passkey of this member; return whether there was one."""
        gone: TransactWriteItemTypeDef = {
            "Delete": {
                "TableName": self._table,
                "Key": _key(f"passkey#{passkey_id}"),
                "ConditionExpression": "member_id = :member",
                "ExpressionAttributeValues": {":member": {"S": member_id}},
            }
        }
        unlisted: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self._table,
                "Key": _key(f"passkeys-of#{member_id}"),
                "UpdateExpression": "DELETE passkeys :own",
                "ExpressionAttributeValues": {":own": {"SS": [passkey_id]}},
            }
        }
        return all_or_nothing(self._client, [gone, unlisted])

    def remove_all(self, member_id: str) -> None:
        """Remove the passkeys of a member, and their keyring."""
        for passkey_id in self.keyring(member_id).passkey_ids:
            self.remove(member_id, passkey_id)
        self._delete(f"passkeys-of#{member_id}")

    def ask(self, passkey_challenge: PasskeyChallenge) -> None:
        """Remember a passkey_challenge."""
        item = to_item(
            {
                "item_key": f"challenge#{passkey_challenge.challenge_hash}",
                "bound_to": passkey_challenge.bound_to,
                "asked_at": passkey_challenge.asked_at,
                "to_add": passkey_challenge.to_add,
                "expires_at": int(passkey_challenge.ends_at.timestamp()),
            }
        )
        with busy_store():
            self._client.put_item(TableName=self._table, Item=item)

    def take(self, challenge_hash: str) -> PasskeyChallenge | None:
        """Return a challenge and forget it: of two at once, one gets it."""
        item = self._delete(f"challenge#{challenge_hash}")
        if item is None:
            return None
        asked_at = required_moment(item["asked_at"])
        return PasskeyChallenge(challenge_hash, item["bound_to"], asked_at, item.get("to_add", False))

    def _get(self, item_key: str) -> dict[str, Any] | None:
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=_key(item_key), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None

    def _delete(self, item_key: str) -> dict[str, Any] | None:
        """Remove an item and return it; None if there is none."""
        with busy_store():
            answer = self._client.delete_item(TableName=self._table, Key=_key(item_key), ReturnValues="ALL_OLD")
        return from_item(answer["Attributes"]) if answer.get("Attributes") else None


def _key(item_key: str) -> Any:
    return {"item_key": {"S": item_key}}


def _keyring(item: dict[str, Any]) -> Keyring:
    return Keyring(item.get("user_handle", b""), frozenset(item.get("passkeys", ())), item.get("declined", False))


def _passkey(passkey_id: str, item: dict[str, Any]) -> Passkey:
    return Passkey(
        passkey_id,
        item["member_id"],
        item["credential_id"],
        item["user_handle"],
        item["public_key"],
        required_moment(item["added_at"]),
        item.get("name", ""),
        item.get("sign_count", 0),
        moment(item.get("used_at")),
    )
