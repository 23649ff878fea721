"""The first wave of a send, in DynamoDB: table `sends`, in the partition of the issue.

Items, by sort key:
    wave       `names` of the batches that leave first (a set), and `judged_at` once the rest may leave
"""

from __future__ import annotations

from datetime import datetime

from newsletter.aws.dynamo import busy_store, conditionally, moment
from newsletter.feedback.domain.feedback import FeedbackKind
from newsletter.feedback.first_wave_ports import FirstWave
from newsletter.sending.adapters.issue_partition import IssuePartition, key_of

WAVE = "wave"
FROM_THE_BEGINNING = "tally#"
"""What the breaker has counted as long as nobody resumed the send."""


class DynamoFirstWave(IssuePartition):
    """One item for each send that has a first wave."""

    def get(self, slug: str) -> FirstWave:
        """Read the wave, consistently."""
        item = self.item(slug, WAVE) or {}
        names = frozenset(item.get("names", {"SS": []})["SS"])
        return FirstWave(names, moment(item.get("judged_at", {"S": ""})["S"]))

    def admit(self, slug: str, after: str, *, beside: FirstWave) -> bool:
        """Add a batch if the wave still stands as it was read."""
        number = len(beside.batch_names)
        condition = "size(#names) = :number" if number else "attribute_not_exists(#names)"
        values = {":after": {"SS": [after]}} | ({":number": {"N": str(number)}} if number else {})
        return conditionally(
            lambda: self._client.update_item(
                TableName=self._table,
                Key=key_of(slug, WAVE),
                UpdateExpression="ADD #names :after",
                ConditionExpression=condition,
                ExpressionAttributeNames={"#names": "names"},
                ExpressionAttributeValues=values,
            )
        )

    def note_judged(self, slug: str, *, now: datetime) -> None:
        """Let the rest leave."""
        with busy_store():
            self._client.update_item(
                TableName=self._table,
                Key=key_of(slug, WAVE),
                UpdateExpression="SET judged_at = if_not_exists(judged_at, :now)",
                ExpressionAttributeValues={":now": {"S": now.isoformat()}},
            )

    def reported(self, slug: str) -> int:
        """Return how many emails of the send the circuit breaker has seen."""
        item = self.item(slug, FROM_THE_BEGINNING) or {}
        return int(item.get(FeedbackKind.SENT.value, {"N": "0"})["N"])
