"""How far the sweeps of sends have come, in DynamoDB: table `sends`, items `sweep#<part>` beside the batches."""

from __future__ import annotations

from newsletter.aws.dynamo import all_or_nothing, busy_store
from newsletter.sending.adapters.dynamo_sends import batch_item
from newsletter.sending.adapters.issue_partition import IssuePartition, key_of
from newsletter.sending.domain.batch import Batch

PREFIX = "sweep#"


class DynamoSweeps(IssuePartition):
    """Batches of whoever was found, and parts of the list that are through. A finished part stays as it is."""

    def add_found(self, batch: Batch, segment: int) -> bool:
        """Write the batch, unless it stands already or the part is through: both in one transaction."""
        absent = "attribute_not_exists(slug)"
        item = batch_item(batch, self.partition_of(batch.slug, batch.after))
        put = {"TableName": self._table, "Item": item, "ConditionExpression": absent}
        still_open = {
            "TableName": self._table,
            "Key": key_of(batch.slug, _mark(segment)),
            "ConditionExpression": absent,
        }
        return all_or_nothing(self._client, [{"Put": put}, {"ConditionCheck": still_open}])  # type: ignore[typeddict-item]

    def finish_part(self, slug: str, segment: int) -> None:
        """Remember that everybody of this part is planned."""
        with busy_store():
            self._client.put_item(TableName=self._table, Item=key_of(slug, _mark(segment)))

    def finished_parts(self, slug: str) -> frozenset[int]:
        """Return the parts that are through."""
        marks = self.query(slug, "begins_with(#item, :from)", {":from": {"S": PREFIX}})
        return frozenset(int(item["item"]["S"].removeprefix(PREFIX)) for item in marks)


def _mark(segment: int) -> str:
    return f"{PREFIX}{segment}"
