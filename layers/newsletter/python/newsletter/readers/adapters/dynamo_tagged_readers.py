"""Whom of the audience a tag belongs to, page by page, out of the index of the table `subscribers` that knows tags."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store
from newsletter.core.audience.expression import AudienceExpression, Comparison, Relation
from newsletter.readers.adapters.audience_filter import audience_filter
from newsletter.readers.domain.shard import PARTITIONS, Shard, shards
from newsletter.readers.list_pages import TaggedPage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_READS = 20
"""Megabytes of the index that are read for one page, each some 5,000 readers: a second or two for whoever waits."""


class DynamoTaggedReaders:
    """Reads on from the last reader of the page before, so that all pages together read the index once."""

    def __init__(self, client: DynamoDBClient, subscribers_table: str) -> None:
        self._client = client
        self._table = subscribers_table

    def page(self, tag: str, *, after: str, limit: int) -> TaggedPage:
        """Return the next readers with a tag; fewer than there are where the tag is rare and the list is long."""
        found: list[str] = []
        for reads, (ids, last_read) in enumerate(self._read(tag, after), start=1):
            found += ids
            if len(found) > limit:
                return TaggedPage(found[:limit], found[limit - 1])
            if last_read and reads >= MOST_READS:
                return TaggedPage(found, last_read)
        return TaggedPage(found, "")

    def _read(self, tag: str, after: str) -> Iterator[tuple[list[str], str]]:
        """Yield, read by read, the ids with a tag, and up to which id the index has been read; empty at its end."""
        open_shards = [shard for shard in shards(PARTITIONS) if shard.bound > after]
        for place, shard in enumerate(open_shards, start=1):
            behind: str | None = after
            while behind is not None:
                items, behind = self._query(tag, shard, behind)
                at_end = place == len(open_shards) and behind is None
                # Behind the last of a partition nothing comes before its bound.
                yield [item["subscriber_id"]["S"] for item in items], "" if at_end else behind or shard.bound

    def _query(self, tag: str, shard: Shard, after: str) -> tuple[list[Any], str | None]:
        filtered = audience_filter(AudienceExpression(f"tag:{tag}", Comparison("tag", Relation.IS, tag)))
        asked = {":partition": {"S": shard.partition}, ":after": {"S": max(after, shard.first)}}
        with busy_store():
            answer: Any = self._client.query(
                TableName=self._table,
                IndexName="audience_attributes",
                KeyConditionExpression="audience = :partition AND subscriber_id > :after",
                ProjectionExpression="subscriber_id",
                **{
                    **filtered,
                    "ExpressionAttributeValues": {**filtered["ExpressionAttributeValues"], **asked},
                },
            )
        return answer["Items"], answer.get("LastEvaluatedKey", {}).get("subscriber_id", {}).get("S")
