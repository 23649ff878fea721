"""The team in DynamoDB: table `team`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from newsletter.aws.dynamo import all_or_nothing, busy_store, conditionally, from_item, moment, to_item
from newsletter.core.team import Editor, Role
from newsletter.desk.domain.member import Member
from newsletter.errors import StoreBusyError, TeamUnreadError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

BEGUN = "begun"
"""The item that says that the table, and no longer the deployment's parameters, names the team."""


class DynamoMembers:
    """One item for each member. Shape: {"member_id", "email", "name", "roles", "added_at", "sessions_from"}.

    As long as nobody changed anything, the team is who the deployment's parameters name, and the table holds nothing.
    The first change writes them all down.
    """

    def __init__(self, client: DynamoDBClient, table: str, first_team: Sequence[Member]) -> None:
        self._client = client
        self._table = table
        self._first = {member.member_id: member for member in first_team}
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
        kept = self._kept()
        members = self._first.values() if kept is None else kept
        return sorted(members, key=lambda member: member.label.casefold())

    def editors(self) -> tuple[Editor, ...] | None:
        """Return who gets the editors' emails; None as long as nobody changed the team that the deployment names.

        Raises:
            TeamUnreadError: The table does not answer, or holds no team.
        """
        try:
            kept = self._kept()
        except (StoreBusyError, ClientError, BotoCoreError, KeyError, ValueError, TypeError, AttributeError) as exc:
            # Whatever is wrong with the table or with one of its items: an email must reach somebody.
            raise TeamUnreadError(f"the table of the team cannot be read: {type(exc).__name__}") from exc
        if kept is None:
            return None
        editors = tuple(each.as_editor for each in kept if each.is_editor)
        if not editors:
            raise TeamUnreadError("the table of the team names no editor")
        return tuple(sorted(editors, key=lambda editor: editor.label.casefold()))

    def put(self, member: Member, *, joins: bool | None = None, other_owner: str = "") -> bool:
        """Add a member, or change the roles of one; return whether it was done."""
        self._begin()
        conditions = {True: "attribute_not_exists(member_id)", False: "attribute_exists(member_id)"}
        written: TransactWriteItemTypeDef = {"Put": {"TableName": self._table, "Item": _item(member)}}
        if joins is not None:
            written["Put"]["ConditionExpression"] = conditions[joins]
        return all_or_nothing(self._client, [written, *self._owner_stays(other_owner)])

    def remove(self, member_id: str, *, other_owner: str = "") -> bool:
        """Remove a member; return whether it was done. It does not matter if there is none."""
        self._begin()
        gone: TransactWriteItemTypeDef = {"Delete": {"TableName": self._table, "Key": _key(member_id)}}
        return all_or_nothing(self._client, [gone, *self._owner_stays(other_owner)])

    def end_sessions(self, member_id: str, at: datetime) -> None:
        """End every session of a member that was opened before this moment; one who was removed stays removed."""
        self._begin()
        conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=_key(member_id),
                UpdateExpression="SET sessions_from = :at",
                ConditionExpression="attribute_exists(member_id)",
                ExpressionAttributeValues={":at": {"S": at.isoformat()}},
            )
        )

    def _begin(self) -> None:
        """Write down the team that the parameters name, all of it or nothing, and only once."""
        if self._has_begun():
            return
        first: list[TransactWriteItemTypeDef] = [
            {"Put": {"TableName": self._table, "Item": _item(member)}} for member in self._first.values()
        ]
        mark: TransactWriteItemTypeDef = {
            "Put": {
                "TableName": self._table,
                "Item": _key(BEGUN),
                "ConditionExpression": "attribute_not_exists(member_id)",
            }
        }
        # Of two who begin at once one loses. Item by item, it would bring back whom the other has removed meanwhile.
        all_or_nothing(self._client, [mark, *first])

    def _owner_stays(self, member_id: str) -> list[TransactWriteItemTypeDef]:
        """Return the condition that somebody is an owner at the moment of writing; none for an empty id."""
        if not member_id:
            return []
        check: TransactWriteItemTypeDef = {
            "ConditionCheck": {
                "TableName": self._table,
                "Key": _key(member_id),
                "ConditionExpression": "contains(#roles, :owner)",
                "ExpressionAttributeNames": {"#roles": "roles"},  # a reserved word
                "ExpressionAttributeValues": {":owner": {"S": str(Role.OWNER)}},
            }
        }
        return [check]

    def _kept(self) -> list[Member] | None:
        """Return the members in the table; None as long as it is not the table that names them."""
        with busy_store():
            pages = self._client.get_paginator("scan").paginate(TableName=self._table, ConsistentRead=True)
            items = [from_item(item) for page in pages for item in page["Items"]]
        if all(item["member_id"] != BEGUN for item in items):
            return None
        return [_member(item) for item in items if item["member_id"] != BEGUN]

    def _has_begun(self) -> bool:
        self._begun = self._begun or self._item(BEGUN) is not None  # it never ends
        return self._begun

    def _item(self, member_id: str) -> dict[str, Any] | None:
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=_key(member_id), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None


def _key(member_id: str) -> Any:
    return {"member_id": {"S": member_id}}


def _item(member: Member) -> dict[str, Any]:
    return to_item(
        {
            "member_id": member.member_id,
            "email": member.email,
            "name": member.name,
            "roles": sorted(member.roles),
            "added_at": member.added_at,
            "sessions_from": member.sessions_from,
        }
    )


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
