"""Notes of the command line in the table `limits`: a restore under way, and the last drill."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

RESTORE, DRILL = "restore", "restore-drill"
"""Keys of the two items; they never expire."""


def note(dynamodb: Any, table: str, key: str, *, at: datetime, backup: str = "") -> None:
    """Note that something happened."""
    item = {"counter_key": {"S": key}, "at": {"S": at.isoformat(timespec="seconds")}}
    if backup:
        item["backup"] = {"S": backup}
    dynamodb.put_item(TableName=table, Item=item)


def noted(dynamodb: Any, table: str, key: str) -> tuple[datetime, str] | None:
    """Return when it was noted and about which backup; None if it never was."""
    item = dynamodb.get_item(TableName=table, Key={"counter_key": {"S": key}}, ConsistentRead=True).get("Item")
    if item is None:
        return None
    return datetime.fromisoformat(item["at"]["S"]).astimezone(UTC), item.get("backup", {}).get("S", "")


def forget(dynamodb: Any, table: str, key: str) -> None:
    """Take the note away."""
    dynamodb.delete_item(TableName=table, Key={"counter_key": {"S": key}})


def is_restore_mark(item: dict[str, Any]) -> bool:
    """Return whether this item of the table `limits` says that a restore was under way."""
    return bool(item["counter_key"]["S"] == RESTORE)
