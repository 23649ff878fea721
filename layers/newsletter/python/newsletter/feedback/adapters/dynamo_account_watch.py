"""Notes about the account, in DynamoDB: table `limits`.

Items, which never expire: `account` (`told`: the trouble that the editors know of), and `reconcile` (`finished_at`, and
the counts of the last comparison of suppressions).
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store, from_item, required_moment
from newsletter.feedback.domain.reconciliation import Reconciliation, Step

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

COUNTS = ("listed", "compared", "suppressed", "marked", "put", "refused", "left")


class DynamoAccountWatch:
    """Two items among the counters."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def last_notice(self) -> str:
        """Return the trouble that the last mail to the editors was about."""
        return str(self._get("account").get("told", ""))

    def note_notice(self, trouble: str) -> None:
        """Remember what the editors were mailed; nothing, when it was that all is well."""
        self._set("account", {"told": trouble})

    def keep(self, reconciliation: Reconciliation, *, now: datetime) -> None:
        """Keep what the last comparison found."""
        counts = {name: value for name, value in asdict(reconciliation).items() if name in COUNTS}
        self._set("reconcile", {"finished_at": now.isoformat(), **counts})

    def last_reconciliation(self) -> tuple[datetime, Reconciliation] | None:
        """Return when suppressions were last compared, and what was found."""
        plain = self._get("reconcile")
        if not plain:
            return None
        counts: dict[str, Any] = {name: int(plain[name]) for name in COUNTS}
        return required_moment(plain["finished_at"]), Reconciliation(step=Step.DONE, **counts)

    def _get(self, name: str) -> dict[str, Any]:
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=_key(name), ConsistentRead=True)
        return from_item(answer.get("Item", {}))

    def _set(self, name: str, values: dict[str, Any]) -> None:
        names = list(values)
        with busy_store():
            self._client.update_item(
                TableName=self._table,
                Key=_key(name),
                UpdateExpression="SET " + ", ".join(f"#{each} = :{each}" for each in names),
                ExpressionAttributeNames={f"#{each}": each for each in names},
                ExpressionAttributeValues={f":{each}": _value(values[each]) for each in names},
            )


def _key(name: str) -> dict[str, Any]:
    return {"counter_key": {"S": name}}


def _value(value: str | int) -> Any:
    return {"N": str(value)} if isinstance(value, int) else {"S": value}
