"""Answers to requests of programs in DynamoDB: in the table `limits`, whose items all end by themselves."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store, conditionally, from_item, to_item
from newsletter.aws.dynamo_counters import counter_key
from newsletter.desk.api_keys.kept_answer import KEPT, UNDER_WAY, KeptAnswer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

IS_NOTHING = (
    "attribute_not_exists(counter_key) OR expires_at <= :now"
    " OR (attribute_not_exists(status_code) AND under_way_until <= :now AND fingerprint = :fingerprint)"
)
"""TTL may run days late, so the moments count and not whether there is an item."""


class DynamoKeptAnswers:
    """Items {"counter_key": "api-answer#<key>#<hash>", "fingerprint", "under_way_until", "status_code", "body"}."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def begin(self, name: str, fingerprint: str, *, now: datetime) -> KeptAnswer | None:
        """Note that a request is under way; return what is kept there already."""
        item = to_item(
            {
                "counter_key": name,
                "fingerprint": fingerprint,
                "under_way_until": _seconds(now + UNDER_WAY),
                "expires_at": _seconds(now + KEPT),
            }
        )
        values = {":now": {"N": str(_seconds(now))}, ":fingerprint": {"S": fingerprint}}
        begun = conditionally(
            lambda: self._client.put_item(
                TableName=self._table, Item=item, ConditionExpression=IS_NOTHING, ExpressionAttributeValues=values
            )
        )
        if begun:
            return None
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=counter_key(name), ConsistentRead=True)
        if "Item" not in answer:
            return KeptAnswer(fingerprint)  # forgotten in this moment: whoever asks again begins it
        stored = from_item(answer["Item"])
        return KeptAnswer(stored["fingerprint"], stored.get("status_code"), stored.get("body", ""))

    def keep(self, name: str, kept_answer: KeptAnswer, *, now: datetime) -> None:
        """Keep the answer to what is under way."""
        item = to_item(
            {
                "counter_key": name,
                "fingerprint": kept_answer.fingerprint,
                "status_code": kept_answer.status_code,
                "body": kept_answer.body,
                "expires_at": _seconds(now + KEPT),
            }
        )
        with busy_store():
            self._client.put_item(TableName=self._table, Item=item)

    def forget(self, name: str) -> None:
        """Forget what is under way."""
        key: Any = counter_key(name)
        with busy_store():
            self._client.delete_item(TableName=self._table, Key=key)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
