"""One rate for all workers: a reservation book of a single number, kept in DynamoDB.

The number is the moment until which the account is taken. Reserving n recipients moves it n/rate seconds on and
returns where it stood, so that workers queue up in time without talking to each other. One write, and in the steady
state no worker ever has to try twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from newsletter.adapters.dynamo import busy_store, refused

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HEADROOM = 0.95
"""The share of the account's rate for issues; the rest is for confirmation mail, and for clocks that differ."""

KEY = {"slug": {"S": "rate"}, "item": {"S": "rate"}}


class DynamoRate:
    """Reserves room at the account's rate."""

    def __init__(self, client: DynamoDBClient, table: str, *, account_rate: Callable[[], float]) -> None:
        self._client = client
        self._table = table
        self._account_rate = account_rate

    @property
    def largest_call(self) -> int:
        """Recipients one call may name."""
        return max(1, int(self._account_rate()))

    def reserve(self, recipients: int, *, now: datetime) -> datetime:
        """Take room for these recipients; return the moment from which they may go."""
        cost = round(1000 * recipients / (self._account_rate() * HEADROOM))
        now_ms = int(now.timestamp() * 1000)
        while True:
            taken = self._extend(cost, now_ms) or self._restart(cost, now_ms)
            if taken is not None:
                return datetime.fromtimestamp((taken - cost) / 1000, UTC)

    def _extend(self, cost: int, now_ms: int) -> int | None:
        return self._write("SET until = until + :cost", "until >= :now", cost, now_ms)

    def _restart(self, cost: int, now_ms: int) -> int | None:
        condition = "attribute_not_exists(until) OR until < :now"
        return self._write("SET until = :now_plus_cost", condition, cost, now_ms)

    def _write(self, change: str, condition: str, cost: int, now_ms: int) -> int | None:
        values = {":now": {"N": str(now_ms)}}
        if ":cost" in change:
            values[":cost"] = {"N": str(cost)}
        else:
            values[":now_plus_cost"] = {"N": str(now_ms + cost)}
        try:
            with busy_store():
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=KEY,
                    UpdateExpression=change.replace("until", "#until"),
                    ConditionExpression=condition.replace("until", "#until"),
                    ExpressionAttributeNames={"#until": "until"},
                    ExpressionAttributeValues=values,
                    ReturnValues="UPDATED_NEW",
                )
        except ClientError as exc:
            if refused(exc):
                return None
            raise
        return int(answer["Attributes"]["until"]["N"])
