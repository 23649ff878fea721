"""API keys in DynamoDB: in the table `sessions`, of which a function of the API reads keys alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import all_or_nothing, busy_store, conditionally, from_item, required_moment, to_item
from newsletter.core.team import Role
from newsletter.desk.api_keys.api_key import MOST, ApiKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LIST = "api-keys"
"""The item with the ids of all keys: no function may go through the table."""


class DynamoApiKeys:
    """Items `api-key#<id>`, and `api-keys` with their ids. None of them ends by itself."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def all(self) -> Sequence[ApiKey]:
        """Return the keys, by name."""
        item = self._get(LIST) or {}
        found = (self.find(key_id) for key_id in item.get("ids", ()))
        return sorted((each for each in found if each), key=lambda each: (each.name.casefold(), each.made_at))

    def find(self, key_id: str) -> ApiKey | None:
        """Return a key, read consistently."""
        item = self._get(f"api-key#{key_id}")
        return _api_key(key_id, item) if item else None

    def add(self, api_key: ApiKey) -> bool:
        """Keep a key, and its id in the list, in one transaction; return whether there was room for it."""
        item = to_item(
            {
                "item_key": f"api-key#{api_key.key_id}",
                "secret_hash": api_key.secret_hash,
                "name": api_key.name,
                "roles": sorted(api_key.roles),
                "made_by": api_key.made_by,
                "made_at": api_key.made_at,
            }
        )
        put: Any = {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(item_key)"}
        listed: Any = {
            "TableName": self._table,
            "Key": _key(LIST),
            "UpdateExpression": "ADD ids :own",
            "ConditionExpression": "attribute_not_exists(ids) OR size(ids) < :most",
            "ExpressionAttributeValues": {":own": {"SS": [api_key.key_id]}, ":most": {"N": str(MOST)}},
        }
        return all_or_nothing(self._client, [{"Put": put}, {"Update": listed}])

    def remove(self, key_id: str) -> bool:
        """Forget a key, and its id in the list, in one transaction; return whether there was one."""
        gone: Any = {
            "TableName": self._table,
            "Key": _key(f"api-key#{key_id}"),
            "ConditionExpression": "attribute_exists(item_key)",
        }
        unlisted: Any = {
            "TableName": self._table,
            "Key": _key(LIST),
            "UpdateExpression": "DELETE ids :own",
            "ExpressionAttributeValues": {":own": {"SS": [key_id]}},
        }
        return all_or_nothing(self._client, [{"Delete": gone}, {"Update": unlisted}])

    def note_use(self, key_id: str, day: date) -> None:
        """Remember that a key was used on this day."""
        conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=_key(f"api-key#{key_id}"),
                UpdateExpression="SET used_on = :day",
                ConditionExpression="attribute_exists(item_key)",
                ExpressionAttributeValues={":day": {"S": day.isoformat()}},
            )
        )

    def _get(self, item_key: str) -> dict[str, Any] | None:
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=_key(item_key), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None


def _key(item_key: str) -> Any:
    return {"item_key": {"S": item_key}}


def _api_key(key_id: str, item: Mapping[str, Any]) -> ApiKey:
    used_on = item.get("used_on")
    return ApiKey(
        key_id,
        item["secret_hash"],
        item["name"],
        frozenset(Role(each) for each in item["roles"]),
        item["made_by"],
        required_moment(item["made_at"]),
        date.fromisoformat(used_on) if used_on else None,
    )
