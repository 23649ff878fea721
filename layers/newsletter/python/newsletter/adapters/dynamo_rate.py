"""One rate for all workers: a reservation book of a single number, kept in DynamoDB.

The number is the moment until which the account is taken. Reserving n recipients moves it n/rate seconds on and
returns where it stood, so that workers queue up in time without talking to each other. One write, and in the steady
state no worker ever has to try twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from newsletter.adapters.dynamo import busy_store, refused

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HEADROOM = 0.95
"""The share of the account's rate for issues; the rest is for confirmation mail, and for clocks that differ."""

TRIES = 5
"""Workers that restart an idle account at one moment; the second try finds it running."""

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

    def reserve(self, recipients: int, *, now: datetime, latest: datetime) -> datetime | None:
        """Take room that begins by `latest`; None, and nothing taken, when there is none so soon."""
        cost = round(1000 * recipients / (self._account_rate() * HEADROOM))
        now_ms, latest_ms = _milliseconds(now), _milliseconds(latest)
        for _ in range(TRIES):
            until = self._extend(cost, now_ms, latest_ms) or self._restart(cost, now_ms)
            if until is not None:
                return datetime.fromtimestamp((until - cost) / 1000, UTC)
            # Neither held: the account is taken beyond `latest`, or another worker wrote between the two.
            if self._until() > latest_ms:
                return None
        return None

    def _extend(self, cost: int, now_ms: int, latest_ms: int) -> int | None:
        condition = "#until BETWEEN :now AND :latest"
        values = {":cost": {"N": str(cost)}, ":now": {"N": str(now_ms)}, ":latest": {"N": str(latest_ms)}}
        return self._write("SET #until = #until + :cost", condition, values)

    def _restart(self, cost: int, now_ms: int) -> int | None:
        condition = "attribute_not_exists(#until) OR #until < :now"
        values = {":now": {"N": str(now_ms)}, ":end": {"N": str(now_ms + cost)}}
        return self._write("SET #until = :end", condition, values)

    def _write(self, change: str, condition: str, values: dict[str, Any]) -> int | None:
        try:
            with busy_store():
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=KEY,
                    UpdateExpression=change,
                    ConditionExpression=condition,
                    ExpressionAttributeNames={"#until": "until"},
                    ExpressionAttributeValues=values,
                    ReturnValues="UPDATED_NEW",
                )
        except ClientError as exc:
            if refused(exc):
                return None
            raise
        return int(answer["Attributes"]["until"]["N"])

    def _until(self) -> int:
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=KEY, ConsistentRead=True)
        return int(answer["Item"]["until"]["N"]) if "Item" in answer else 0


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
