"""How far a send is, in DynamoDB: table `sends`.

Items, by sort key:
    shard#<first>           present once the shard is planned to its end; with its books once everybody has an outcome
    progress                how many batches are through, and of how many
    look                    when the send is looked at next

Which sends are open stands in the partition `open`, an item `send#<name>` for each; it is written and removed in one
transaction with the header.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from newsletter.aws.dynamo import busy_store, conditionally, from_item
from newsletter.readers.domain.shard import Shard
from newsletter.sending.adapters.issue_partition import IssuePartition, key_of
from newsletter.sending.domain.batch import name_in_round
from newsletter.sending.domain.books import Books
from newsletter.sending.domain.progress import Progress
from newsletter.sending.domain.send import Send

CHAIN = "chain_"
"""Before the name of a chain, in the names of attributes."""

SHARD = "shard#"

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

    def finish_shard(self, slug: str, shard: Shard, *, round_number: int = 1) -> None:
        """Remember that this shard is planned to its end."""
        key = self._shard_key(slug, name_in_round(round_number, shard.first))
        with busy_store():
            self._client.put_item(TableName=self._table, Item=key)

    def finished_shards(self, slug: str, *, round_number: int = 1) -> frozenset[str]:
        """Return the `first` of every shard that is planned to its end."""
        return frozenset(first for number, first, _ in self._shards(slug) if number == round_number)

    def record_sums(self, send: Send, shard: Shard, books: Books, *, round_number: int) -> None:
        """Remember the books of a finished shard in which everybody has an outcome."""
        item = {
            **self._shard_key(send.slug, name_in_round(round_number, shard.first)),
            "books": {"S": books.to_json()},
            "reopened": {"N": str(send.reopened)},
        }
        with busy_store():
            self._client.put_item(TableName=self._table, Item=item)

    def sums(self, send: Send) -> Mapping[tuple[int, str], Books]:
        """Return the books of shards that still hold."""
        found: dict[tuple[int, str], Books] = {}
        for number, first, item in self._shards(send.slug):
            # Sums that cannot be read are none: the shard is counted again from its batches.
            with suppress(AttributeError, KeyError, TypeError, ValueError):
                plain = from_item(item)
                if int(plain["reopened"]) == send.reopened:
                    found[number, first] = Books.from_json(plain["books"])
        return found

    def _shards(self, slug: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
        for item in self.query_all(slug, "begins_with(#item, :from)", {":from": {"S": SHARD}}):
            sign, _, first = item["item"]["S"].removeprefix(SHARD).rpartition("_")
            if not sign or sign[1:].isdecimal():
                yield int(sign[1:] or 1), first, item

    def _shard_key(self, slug: str, chain: str) -> dict[str, Any]:
        return key_of(self.partition_of(slug, chain), f"{SHARD}{chain}")

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
