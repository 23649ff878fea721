"""What is known of a send beside its books, in DynamoDB: table `sends`, items `progress` and `look` of a send.

Which sends are open stands in the partition `open`, an item `send#<name>` for each; it is written and removed in one
transaction with the header.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from newsletter.aws.dynamo import busy_store, conditionally, from_item
from newsletter.sending.adapters.issue_partition import IssuePartition, key_of
from newsletter.sending.domain.progress import Progress

CHAIN = "chain_"
"""Before the name of a chain, in the names of attributes."""

OPEN = "open"
SEND = "send#"


class DynamoProgress(IssuePartition):
    """One item that workers and planners count in, one that says when a send is looked at next, and a list."""

    def chain_planned(self, slug: str, chain: str, batch_count: int) -> Progress:
        """Note how many batches a chain has that is planned to its end."""
        return self._updated(slug, "SET #name = :value", batch_count, {"#name": f"{CHAIN}{chain}"})

    def count_through(self, slug: str, difference: int) -> Progress:
        """Count batches that are through, or not any more."""
        return self._updated(slug, "ADD through :value", difference, {})

    def book_look(self, slug: str, at: datetime, *, soon: datetime) -> bool:
        """Book the next look at a send; False if another one is booked that comes neither by `soon` nor later."""
        return conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=key_of(slug, "look"),
                UpdateExpression="SET due_at = :at",
                ConditionExpression="attribute_not_exists(due_at) OR due_at <= :soon OR due_at > :at",
                ExpressionAttributeValues={":at": {"S": at.isoformat()}, ":soon": {"S": soon.isoformat()}},
            )
        )

    def open_sends(self) -> list[str]:
        """Return the names of all sends that are not closed, as far as they were opened or closed since this list."""
        items = self.query(OPEN, "begins_with(#item, :from)", {":from": {"S": SEND}})
        return [item["item"]["S"].removeprefix(SEND) for item in items]

    def _updated(self, slug: str, expression: str, number: int, names: dict[str, str]) -> Progress:
        named: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
        with busy_store():
            answer = self._client.update_item(
                TableName=self._table,
                Key=key_of(slug, "progress"),
                UpdateExpression=expression,
                ExpressionAttributeValues={":value": {"N": str(number)}},
                ReturnValues="ALL_NEW",
                **named,
            )
        plain = from_item(answer["Attributes"])
        planned = {name.removeprefix(CHAIN): int(count) for name, count in plain.items() if name.startswith(CHAIN)}
        return Progress(planned, int(plain.get("through", 0)))


def open_key(slug: str) -> dict[str, Any]:
    """Return the key of a send in the list of those that are open."""
    return key_of(OPEN, f"{SEND}{slug}")
