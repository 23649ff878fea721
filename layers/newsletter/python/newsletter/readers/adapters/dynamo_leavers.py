"""People who left, in DynamoDB: the table `subscribers`, and the receipts of their consent in the table `receipts`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import all_or_nothing, busy_store, from_item, required_moment, to_item
from newsletter.readers.adapters.dynamo_list_page import list_page
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from newsletter.readers.domain.consent import Consent
from newsletter.readers.domain.retention import KeptReceipt
from newsletter.readers.domain.subscriber import Status, Subscriber
from newsletter.readers.retention_ports import LeaversPage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WANTED = (
    "attribute_exists(email) AND ("
    "(#status = :unsubscribed AND (attribute_not_exists(left_at) OR left_at <= :left_before))"
    " OR (#status = :unconfirmed AND left_at <= :left_before AND signed_up_at <= :signed_up_before))"
)
"""Moments are texts that sort like the moments. The record itself decides; this spares reading the others."""


class DynamoLeavers:
    """Scans for those who left; the receipts of one mailbox are one item, which DynamoDB erases with the last."""

    def __init__(
        self, client: DynamoDBClient, table: str, receipts_table: str, subscriber_items: DynamoSubscribers
    ) -> None:
        self._client = client
        self._table = table
        self._receipts = receipts_table
        self._subscribers = subscriber_items

    def page(self, bookmark: str, *, left_before: datetime, signed_up_before: datetime) -> LeaversPage:
        """Return those of the next page of the table, as they stand now."""
        scan_filter = {
            "FilterExpression": WANTED,
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {
                ":unsubscribed": {"S": Status.UNSUBSCRIBED},
                ":unconfirmed": {"S": Status.UNCONFIRMED},
                ":left_before": {"S": left_before.isoformat()},
                ":signed_up_before": {"S": signed_up_before.isoformat()},
            },
        }
        return LeaversPage(*list_page(self._client, self._table, self._subscribers, bookmark, scan_filter))

    def forget(self, forgotten: Subscriber, receipt: KeptReceipt | None) -> bool:
        """Write the tombstone and the receipt, in one transaction; False if the record is newer."""
        writes: list[Any] = [{"Put": self._subscribers.put(forgotten)}]
        if receipt is not None:
            writes.append({"Update": self._addition(receipt)})
        return all_or_nothing(self._client, writes)

    def receipts(self) -> Iterator[KeptReceipt]:
        """Yield every receipt that is kept."""
        with busy_store():
            for page in self._client.get_paginator("scan").paginate(TableName=self._receipts):
                for item in page["Items"]:
                    yield from _receipts_of(item)

    def receipts_of(self, subscriber_id: str) -> list[KeptReceipt]:
        """Return the receipts that are kept of one mailbox, oldest first."""
        with busy_store():
            answer = self._client.get_item(TableName=self._receipts, Key=_key(subscriber_id), ConsistentRead=True)
        return list(_receipts_of(answer["Item"])) if "Item" in answer else []

    def _addition(self, receipt: KeptReceipt) -> Any:
        held = receipt.consent.as_held() | {"left_at": receipt.left_at.isoformat()}
        return {
            "TableName": self._receipts,
            "Key": _key(receipt.subscriber_id),
            "UpdateExpression": "SET receipts = list_append(if_not_exists(receipts, :none), :one), expires_at = :end",
            "ExpressionAttributeValues": {
                ":none": {"L": []},
                ":one": {"L": [{"M": to_item(held)}]},
                ":end": {"N": str(int(receipt.expires_at.timestamp()))},
            },
        }


def _receipts_of(item: Mapping[str, Any]) -> Iterator[KeptReceipt]:
    plain = from_item(item)
    for held in plain["receipts"]:
        left_at = required_moment(held.pop("left_at"))
        yield KeptReceipt(
            subscriber_id=plain["subscriber_id"],
            consent=Consent.from_held(held),
            left_at=left_at,
            expires_at=datetime.fromtimestamp(plain["expires_at"], left_at.tzinfo),
        )


def _key(subscriber_id: str) -> dict[str, Any]:
    return {"subscriber_id": {"S": subscriber_id}}
