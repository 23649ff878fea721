"""Items of a send that cannot be read, as far as they can, and what they are replaced by; see `dynamo_sends`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from newsletter.aws.dynamo import busy_store, from_item
from newsletter.errors import UnreadableBatchError
from newsletter.sending.adapters.dynamo_sends import MEANINGS, batch_item, header_item, read_batch, read_send
from newsletter.sending.adapters.issue_partition import IssuePartition
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.repair import Remains
from newsletter.sending.domain.send import Send


class DynamoRepairs(IssuePartition):
    """What is left of unreadable items."""

    meanings: Mapping[str, Outcome | None] = MEANINGS
    """What a letter of the attribute `outcomes` says."""

    def header(self, slug: str) -> Remains | None:
        """Return what is left of a header that is missing or cannot be read; None of one that can."""
        item = self.item(slug, "header")
        if item is None:
            return Remains({})
        return _remains(item) if read_send(item).unreadable else None

    def batches(self, slug: str) -> Iterator[tuple[str, Batch | Remains]]:
        """Yield all batches by name: those that can be read, and what is left of the others."""
        for item in self.query_all(slug, "begins_with(#item, :from)", {":from": {"S": "batch#"}}):
            name = item["item"]["S"].removeprefix("batch#")
            try:
                yield name, read_batch(item)
            except UnreadableBatchError:
                yield name, _remains(item)

    def put_header(self, send: Send) -> None:
        """Write a header over what cannot be read."""
        self._put(header_item(send))

    def put_batch(self, batch: Batch) -> None:
        """Write a batch over what cannot be read."""
        self._put(batch_item(batch, self.partition_of(batch.slug, batch.after)))

    def _put(self, item: dict[str, Any]) -> None:
        with busy_store():
            self._client.put_item(TableName=self._table, Item=item)


def _remains(item: Mapping[str, Any]) -> Remains:
    fields: dict[str, Any] = {}
    for name, value in item.items():
        with suppress(AttributeError, TypeError, ValueError):
            fields |= from_item({name: value})
    return Remains(fields)
