"""The team in DynamoDB: table `team`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store, conditionally, from_item, moment, to_item
from newsletter.core.team import Role
from newsletter.desk.domain.member import Member

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

BEGUN = "begun"
"""The item that says that the table, and no longer the deployment's parameters, names the team."""


class DynamoMembers:
    """One item for each member. Shape: {"member_id", "email", "name", "roles", "added_at", "sessions_from"}.

    As long as nobody changed anything, the team is who the deployment's parameters name, and the table holds nothing.
    The first change writes them all down.
    """

    def __init__(self, client: DynamoDBClient, table: str, first: Sequence[Member]) -> None:
        self._client = client
        self._table = table
        self._first = {member.member_id: member for member in first}
        self._begun = False

    def get(self, member_id: str) -> Member | None:
        """Return the member; None if there is none."""
        # The same calls for everybody: how long the answer takes must not tell who is a member.
        item, begun = self._item(member_id), self._has_begun()
        if item is not None:
            return _member(item)
        return None if begun else self._first.get(member_id)

    def all(self) -> Sequence[Member]:
        """Return the team, by name."""
        with busy_store():
            pages = self._client.get_paginator("scan").paginate(TableName=self._table, ConsistentRead=True)
            items = [from_item(item) for page in pages for item in page["Items"]]
        begun = any(item["member_id"] == BEGUN for item in items)
        members = [_member(item) for item in items if item["member_id"] != BEGUN]
        return sorted(members if begun else self._first.values(), key=lambda member: member.label.casefold())

    def put(self, member: Member) -> None:
        """Add a member, or change what is known of one."""
        self._begin()
        self._write(member)

    def remove(self, member_id: str) -> None:
        """Remove a member; it does not matter if there is none."""
        self._begin()
        with busy_store():
            self._client.delete_item(TableName=self._table, Key={"member_id": {"S": member_id}})

    def _begin(self) -> None:
        if self._has_begun():
            return
        for member in self._first.values():
            # Never over one that stands: two may begin at the same time.
            self._write(member, only_new=True)
        with busy_store():
            self._client.put_item(TableName=self._table, Item={"member_id": {"S": BEGUN}})

    def _write(self, member: Member, *, only_new: bool = False) -> None:
        item = to_item(
            {
                "member_id": member.member_id,
                "email": member.email,
                "name": member.name,
                "roles": sorted(member.roles),
                "added_at": member.added_at,
                "sessions_from": member.sessions_from,
            }
        )
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(member_id)"} if only_new else {}
        conditionally(lambda: self._client.put_item(TableName=self._table, Item=item, **condition))

    def _has_begun(self) -> bool:
        self._begun = self._begun or self._item(BEGUN) is not None  # it never ends
        return self._begun

    def _item(self, member_id: str) -> dict[str, Any] | None:
        with busy_store():
            key = {"member_id": {"S": member_id}}
            answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None


def _member(item: dict[str, Any]) -> Member:
    return Member(
        email=item["email"],
        name=item.get("name", ""),
        roles=frozenset(Role(each) for each in item["roles"]),
        added_at=_utc(item.get("added_at")),
        sessions_from=_utc(item.get("sessions_from")),
    )


def _utc(text: str | None) -> datetime | None:
    at = moment(text)
    return at.astimezone(UTC) if at else None
