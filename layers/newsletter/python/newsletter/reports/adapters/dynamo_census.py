"""The whole list in one pass, in DynamoDB: a scan in parts, which reads only what is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from newsletter.aws.dynamo import busy_store, moment
from newsletter.readers.adapters.dynamo_suppressions import suppression_of
from newsletter.readers.domain.subscriber import Status
from newsletter.readers.domain.suppression import Suppression
from newsletter.reports.domain.census import RecordFacts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")

PARTS = 8
"""Scanned side by side: most of the time is spent waiting, and each part holds one page of 1 MB."""

COUNTED = {
    "#status": "status", "#suppressed": "suppressed", "#confirmed_at": "confirmed_at", "#left_at": "left_at",
    "#left_because": "left_because", "#moved_to": "moved_to", "#consent": "consent", "#page": "page",
    "#tags": "tags",
}  # fmt: skip
PROJECTION = "#status, #suppressed, #confirmed_at, #left_at, #left_because, #moved_to, #consent.#page, #tags"
MOVED = "preferences"
"""The page from which a change of address is asked for, as the receipt of consent names it."""


class DynamoCensus:
    """Reads the tables `subscribers` and `suppressions` from end to end.

    Read without asking for the newest word: half the price, and a report of this minute may miss this second.
    """

    def __init__(self, client: DynamoDBClient, subscribers_table: str, suppressions_table: str) -> None:
        self._client = client
        self._subscribers = subscribers_table
        self._suppressions = suppressions_table

    def count_in_parts(self, count_part: Callable[[Iterator[RecordFacts]], T]) -> list[T]:
        """Count every record once, in parts side by side; return the count of each."""
        with ThreadPoolExecutor(PARTS) as threads:
            return list(threads.map(count_part, map(self._part, range(PARTS))))

    def suppressions(self) -> Iterator[Suppression]:
        """Yield every suppression."""
        for item in self._scanned(TableName=self._suppressions):
            yield suppression_of(item)

    def _part(self, number: int) -> Iterator[RecordFacts]:
        scanned = partial(
            self._scanned,
            TableName=self._subscribers,
            Segment=number,
            TotalSegments=PARTS,
            ProjectionExpression=PROJECTION,
            ExpressionAttributeNames=COUNTED,
        )
        return (_facts(item) for item in scanned())

    def _scanned(self, **asked: Any) -> Iterator[Mapping[str, Any]]:
        with busy_store():
            for page in self._client.get_paginator("scan").paginate(**asked):
                yield from page["Items"]


def _facts(item: Mapping[str, Any]) -> RecordFacts:
    # Attribute by attribute: a million records go through here, and boto3's general way takes four times as long.
    def text(name: str) -> str:
        return str(item[name]["S"]) if name in item else ""

    page = item.get("consent", NO_CONSENT)["M"].get("page", NOWHERE)["S"]
    return RecordFacts(
        status=Status(item["status"]["S"]),
        suppressed="suppressed" in item,
        confirmed_at=moment(text("confirmed_at")),
        left_at=moment(text("left_at")),
        left_because=text("left_because"),
        moved_to=text("moved_to"),
        page=page,
        moved_from_another=page == MOVED,
        tags=tuple(each["S"] for each in item["tags"]["L"]) if "tags" in item else (),
    )


NO_CONSENT: dict[str, Any] = {"M": {}}
NOWHERE = {"S": ""}
