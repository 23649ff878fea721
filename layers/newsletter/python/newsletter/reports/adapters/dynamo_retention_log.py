"""What the last nightly forgetting did, in DynamoDB: table `limits`, item `retention`, which never expires."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store, from_item, required_moment
from newsletter.reports.domain.retention_run import RetentionRun, RetentionStep

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEY: dict[str, Any] = {"counter_key": {"S": "retention"}}


class DynamoRetentionLog:
    """One item among the counters."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def keep(self, run: RetentionRun, *, now: datetime) -> None:
        """Keep what this one did in the place of the last."""
        counts = run.counts
        with busy_store():
            self._client.update_item(
                TableName=self._table,
                Key=KEY,
                UpdateExpression="SET finished_at = :now, " + ", ".join(f"#{name} = :{name}" for name in counts),
                ExpressionAttributeNames={f"#{name}": name for name in counts},
                ExpressionAttributeValues={
                    ":now": {"S": now.isoformat()},
                    **{f":{name}": {"N": str(number)} for name, number in counts.items()},
                },
            )

    def last(self) -> tuple[datetime, RetentionRun] | None:
        """Return when it was done for the last time, and what it did."""
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=KEY, ConsistentRead=True)
        plain = from_item(answer.get("Item", {}))
        if not plain:
            return None
        # A night of an older version counted less.
        counts: dict[str, Any] = {name: int(plain.get(name, 0)) for name in RetentionRun().counts}
        return required_moment(plain["finished_at"]), RetentionRun(step=RetentionStep.DONE, **counts)
