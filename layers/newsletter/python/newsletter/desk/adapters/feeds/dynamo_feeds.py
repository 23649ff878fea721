"""What is remembered of feeds, in DynamoDB: table `sends`, partition `feeds`.

Items, by sort key:
    feed#<digest of its address>   `address`, `etag`, `modified`, `read_at`; `entry_ids`: with spaces between them
    draft#<day>                    what was decided about the slot of that day
"""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store, from_item, moment, to_item
from newsletter.desk.feeds.feed import FeedDraft, FeedDraftOutcome, FeedMemory

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PARTITION = "feeds"


class DynamoFeeds:
    """One item for each feed, and one for each slot that was decided about."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def memory(self, address: str) -> FeedMemory:
        """Return what is remembered of a feed; of one that was never read, an empty one."""
        said = self._item(_name_of(address))
        return FeedMemory(
            entry_ids=frozenset(said.get("entry_ids", "").split()),
            etag=said.get("etag", ""),
            modified=said.get("modified", ""),
            read_at=moment(said.get("read_at")),
        )

    def remember(self, address: str, memory: FeedMemory) -> None:
        """Remember this of a feed, in the place of what was remembered before."""
        ids = " ".join(sorted(memory.entry_ids))
        known = {"etag": memory.etag, "modified": memory.modified, "read_at": memory.read_at}
        self._put(_name_of(address), {"address": address, "entry_ids": ids, **known})

    def draft_of(self, day: date) -> FeedDraft | None:
        """Return what was decided about the slot of this day, read consistently."""
        said = self._item(f"draft#{day}")
        if not said:
            return None
        return FeedDraft(
            FeedDraftOutcome(said["outcome"]),
            slug=said.get("draft_slug", ""),
            titles=tuple(said.get("titles", ())),
            more=said.get("more", 0),
            problems=tuple(said.get("problems", ())),
            informed=said.get("informed", False),
        )

    def note_draft(self, day: date, feed_draft: FeedDraft) -> None:
        """Remember what was decided about the slot of this day."""
        plain = {
            "outcome": feed_draft.outcome,
            "draft_slug": feed_draft.slug,  # `slug` is the key of the table
            "titles": feed_draft.titles,
            "more": feed_draft.more,
            "problems": feed_draft.problems,
            "informed": feed_draft.informed,
        }
        self._put(f"draft#{day}", plain)

    def _put(self, name: str, plain: dict[str, Any]) -> None:
        with busy_store():
            self._client.put_item(TableName=self._table, Item={**to_item(plain), **_key(name)})

    def _item(self, name: str) -> dict[str, Any]:
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=_key(name), ConsistentRead=True)
        return from_item(answer.get("Item", {}))


def _key(name: str) -> dict[str, Any]:
    return {"slug": {"S": PARTITION}, "item": {"S": name}}


def _name_of(address: str) -> str:
    return f"feed#{sha256(address.encode()).hexdigest()[:32]}"
