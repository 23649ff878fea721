"""What a sign-up asks of three tables and leaves in them, in DynamoDB: one read, and one transaction."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store
from newsletter.aws.dynamo_batch_get import read_together
from newsletter.aws.dynamo_counters import count_of, counter_key
from newsletter.errors import StoreBusyError
from newsletter.readers.adapters.dynamo_subscribers import subscriber_of
from newsletter.readers.adapters.dynamo_suppressions import suppression_of
from newsletter.readers.domain.sign_up import Known, SignUpWrite

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
    from newsletter.readers.domain.limits import CountedLimit
    from newsletter.readers.domain.subscriber import Subscriber

REFUSED = "ConditionalCheckFailed"
BUSY = frozenset({"ThrottlingError", "ProvisionedThroughputExceeded"})


class DynamoSignUps:
    """The tables `subscribers`, `suppressions` and `limits`, as far as the form of the website touches them."""

    def __init__(
        self, client: DynamoDBClient, subscriber_items: DynamoSubscribers, suppressions_table: str, limits_table: str
    ) -> None:
        self._client = client
        self._subscribers = subscriber_items
        self._suppressions_table = suppressions_table
        self._limits_table = limits_table

    def look(self, subscriber_id: str, counter_keys: Collection[str]) -> Known:
        """Read record, suppression and counters by one BatchGetItem; counters may be a moment old."""
        key = {"subscriber_id": {"S": subscriber_id}}
        wanted: dict[str, Any] = {
            self._subscribers.table: {"Keys": [key], "ConsistentRead": True},
            self._suppressions_table: {"Keys": [key], "ConsistentRead": True},
        }
        if counter_keys:
            wanted[self._limits_table] = {"Keys": [counter_key(each) for each in counter_keys]}
        items = read_together(self._client, wanted)
        records, suppressions = items[self._subscribers.table], items[self._suppressions_table]
        counts = {item["counter_key"]["S"]: count_of(item) for item in items.get(self._limits_table, ())}
        return Known(
            subscriber=subscriber_of(records[0]) if records else None,
            suppression=suppression_of(suppressions[0]) if suppressions else None,
            counts={each: counts.get(each, 0) for each in counter_keys},
        )

    def record(self, subscriber: Subscriber, of_address: CountedLimit) -> SignUpWrite:
        """Write the record and count the sign-up, in one transaction."""
        return self._write({"Put": self._subscribers.put(subscriber)}, of_address)

    def pass_over(self, subscriber: Subscriber, of_address: CountedLimit) -> SignUpWrite:
        """Count the sign-up while the address is suppressed, in one transaction of the same two items.

        The record is written out as if it were kept, and left: else the answer would come sooner.
        """
        self._subscribers.put(subscriber)
        still: Any = {
            "TableName": self._suppressions_table,
            "Key": {"subscriber_id": {"S": subscriber.subscriber_id}},
            "ConditionExpression": "attribute_exists(subscriber_id)",
        }
        return self._write({"ConditionCheck": still}, of_address)

    def _write(self, write: Any, of_address: CountedLimit) -> SignUpWrite:
        counted: Any = {
            "TableName": self._limits_table,
            "Key": counter_key(of_address.counter.key),
            "UpdateExpression": "ADD #count :one SET #expires_at = if_not_exists(#expires_at, :expires_at)",
            "ConditionExpression": "attribute_not_exists(#count) OR #count < :most",
            "ExpressionAttributeNames": {"#count": "count", "#expires_at": "expires_at"},  # `count` is reserved
            "ExpressionAttributeValues": {
                ":one": {"N": "1"},
                ":most": {"N": str(of_address.limit.most)},
                ":expires_at": {"N": str(int(of_address.counter.expires_at.timestamp()))},
            },
        }
        try:
            with busy_store():
                self._client.transact_write_items(TransactItems=[write, {"Update": counted}])
        except self._client.exceptions.TransactionCanceledException as exc:
            of_write, of_count = (each.get("Code", "None") for each in exc.response["CancellationReasons"])
            if of_count == REFUSED:
                return SignUpWrite.TOO_MANY
            if BUSY & {of_write, of_count}:
                raise StoreBusyError("the database is busy") from exc
            # The record is newer, or somebody else is writing one of the two at this moment.
            if {of_write, of_count} <= {REFUSED, "TransactionConflict", "None"}:
                return SignUpWrite.LOST
            raise
        return SignUpWrite.WRITTEN
