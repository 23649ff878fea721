"""DynamoDB as the adapters' clients see it, with what it writes to and reads from one partition key in a second.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from math import ceil
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from bench.expressions import holds, updated

WRITES, READS = 1_000.0, 3_000.0
"""Units of one partition key in a second. What is left unused is kept for a second, and no longer."""

WRITE_BYTES, READ_BYTES, PAGE = 1024, 4096, 1024 * 1024
RANGE = re.compile(r"slug = :slug AND #item BETWEEN :from AND :to")
Item = dict[str, Any]


class TransactionCanceled(ClientError):
    """As a client raises it."""


def refusal(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "the model says so"}}, operation)


class Capacity:
    """What one partition key can still take."""

    def __init__(self, per_second: float) -> None:
        self.per_second, self.left, self.at = per_second, per_second, 0.0

    def take(self, units: float, now: float) -> bool:
        """Take units if any are left, and leave a debt behind where an item is larger than that."""
        self.left = min(self.per_second, self.left + (now - self.at) * self.per_second)
        self.at = now
        if self.left <= 0:
            return False
        self.left -= units
        return True


class PartitionedDynamo:
    """Items by table, partition key and sort key."""

    exceptions = SimpleNamespace(TransactionCanceledException=TransactionCanceled)

    def __init__(
        self,
        seconds: Callable[[], float] = lambda: 0.0,
        wait: Callable[[], None] = lambda: None,
        *,
        writes: float = WRITES,
        reads: float = READS,
    ) -> None:
        """Begin empty.

        Args:
            seconds: The clock that capacity is counted by.
            wait: Called before each answer: its latency.
            writes: Units that one partition key takes in a second.
            reads: The same.
        """
        self._seconds, self._wait = seconds, wait
        self._writes: dict[tuple[str, str], Capacity] = defaultdict(lambda: Capacity(writes))
        self._reads: dict[tuple[str, str], Capacity] = defaultdict(lambda: Capacity(reads))
        self.items: dict[tuple[str, str], dict[str, Item]] = defaultdict(dict)
        self._order: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.units: Counter[tuple[str, str, str]] = Counter()
        """By table, partition key, and `written` or `read`."""
        self.throttled: Counter[str] = Counter()
        """By partition key."""
        self.closed: Callable[[str, float], bool] = lambda _key, _second: False
        """Whether a partition key takes nothing at that second."""
        self.refused = 0
        """Writes whose condition did not hold."""

    # --- what a client has ------------------------------------------------------------------------------------------

    def get_item(self, *, TableName: str, Key: Item, **_: Any) -> Item:  # noqa: N803 - of AWS
        self._wait()
        place, name = _place(TableName, Key)
        item = self.items[place].get(name)
        self._read(place, ceil(_size(item or {}) / READ_BYTES))
        return {"Item": item} if item is not None else {}

    def put_item(self, *, TableName: str, Item: Item, **asked: Any) -> Item:  # noqa: N803
        self._wait()
        self._change(TableName, Item, lambda _: Item, asked)
        return {}

    def update_item(self, *, TableName: str, Key: Item, **asked: Any) -> Item:  # noqa: N803
        self._wait()
        before, after = self._change(TableName, Key, lambda item: updated(item or Key, asked), asked)
        seen = {"ALL_NEW": after, "ALL_OLD": before}.get(asked.get("ReturnValues", ""))
        return {"Attributes": seen} if seen else {}

    def query(self, *, TableName: str, KeyConditionExpression: str, **asked: Any) -> Item:  # noqa: N803
        self._wait()
        place, names = self._range(TableName, KeyConditionExpression, asked["ExpressionAttributeValues"])
        if not asked.get("ScanIndexForward", True):
            names.reverse()
        items = [self.items[place][name] for name in names[: asked.get("Limit")]]
        self._read(place, ceil(sum(map(_size, items)) / READ_BYTES))
        return {"Items": items}

    def get_paginator(self, _: str) -> PartitionedDynamo:
        return self

    def paginate(self, *, TableName: str, KeyConditionExpression: str, **asked: Any) -> Iterator[Item]:  # noqa: N803
        """Yield a range in pages of a megabyte."""
        place, names = self._range(TableName, KeyConditionExpression, asked["ExpressionAttributeValues"])
        while True:
            self._wait()
            items, size = [], 0
            while names and size < PAGE:
                items.append(self.items[place][names.pop(0)])
                size += _size(items[-1])
            self._read(place, ceil(size / READ_BYTES))
            yield {"Items": items}
            if not names:
                return

    def transact_write_items(self, *, TransactItems: list[Item]) -> Item:  # noqa: N803
        """Write all or nothing; each costs twice."""
        self._wait()
        for ((_, asked),) in (each.items() for each in TransactItems):
            place, name = _place(asked["TableName"], asked.get("Item") or asked["Key"])
            if not self._holds(self.items[place].get(name), asked):
                because: Any = {
                    "CancellationReasons": [{"Code": "ConditionalCheckFailed"}],
                    "Error": {"Code": "Cancelled"},
                }
                raise TransactionCanceled(because, "TransactWriteItems")
        for ((kind, asked),) in (each.items() for each in TransactItems):
            place, name = _place(asked["TableName"], asked.get("Item") or asked["Key"])
            if kind == "Put":
                self._keep(place, name, asked["Item"])
            elif kind == "Delete" and self.items[place].pop(name, None) is not None:
                self._order[place].remove(name)
            self._take(self._writes, place, "written", 2.0 * ceil(_size(asked.get("Item", {})) / WRITE_BYTES) or 2.0)
        return {}

    # --- what becomes of it -----------------------------------------------------------------------------------------

    def _change(
        self, table: str, key: Item, change: Callable[[Item | None], Item], asked: Mapping[str, Any]
    ) -> tuple[Item, Item]:
        place, name = _place(table, key)
        before = self.items[place].get(name)
        if not self._holds(before, asked):
            self._take(self._writes, place, "written", ceil(_size(before or {}) / WRITE_BYTES) or 1)
            self.refused += 1
            told = refusal("ConditionalCheckFailedException", "UpdateItem")
            if before and asked.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD":
                told.response["Item"] = before  # type: ignore[typeddict-unknown-key]
            raise told
        after = change(before)
        self._take(self._writes, place, "written", ceil(max(_size(before or {}), _size(after)) / WRITE_BYTES))
        self._keep(place, name, after)
        return before or {}, after

    def _holds(self, item: Item | None, asked: Mapping[str, Any]) -> bool:
        return "ConditionExpression" not in asked or holds(item or {}, asked)

    def _keep(self, place: tuple[str, str], name: str, item: Item) -> None:
        if name not in self.items[place]:
            insort(self._order[place], name)
        self.items[place][name] = item

    def _range(self, table: str, condition: str, values: Item) -> tuple[tuple[str, str], list[str]]:
        place = table, values[":slug"]["S"]
        order, first = self._order[place], values[":from"]["S"]
        last = values[":to"]["S"] if RANGE.fullmatch(condition) else first + "\uffff"
        begin, end = bisect_left(order, first), bisect_left(order, last)
        return place, order[begin : end + (end < len(order) and order[end] == last)]

    def _read(self, place: tuple[str, str], units: int) -> None:
        self._take(self._reads, place, "read", max(1, units))

    def _take(self, of: dict[tuple[str, str], Capacity], place: tuple[str, str], what: str, units: float) -> None:
        now = self._seconds()
        if self.closed(place[1], now) or not of[place].take(units, now):
            self.throttled[place[1]] += 1
            raise refusal("ProvisionedThroughputExceededException", what)
        self.units[(*place, what)] += round(units)


def _place(table: str, key: Item) -> tuple[tuple[str, str], str]:
    if "slug" in key:
        return (table, key["slug"]["S"]), key["item"]["S"]
    return (table, key["counter_key"]["S"]), ""


def _size(item: Item) -> int:
    """Return about how many bytes an item takes.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    total = 0
    for name, value in item.items():
        ((kind, content),) = value.items()
        total += len(name)
        if kind in ("BS", "SS"):
            total += sum(map(len, content))
        else:
            total += 10 if kind == "N" else 1 if kind == "BOOL" else len(content)
    return total
