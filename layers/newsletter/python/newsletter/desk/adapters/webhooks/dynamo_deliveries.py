"""Deliveries in DynamoDB: table `webhooks`, a partition for each endpoint; each ends by itself after a month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store, conditionally, from_item, moment, required_moment, to_item
from newsletter.desk.webhooks.delivery import KEPT, Delivery, DeliveryAttempt, DeliveryState
from newsletter.desk.webhooks.event import EventType, WebhookEvent

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDeliveries:
    """Items {"item_key": "deliveries#<endpoint id>", "entry": "<moment>#<event id>", …the fields of Delivery}."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def add(self, delivery: Delivery) -> bool:
        """Keep a new one; return whether there was none of this event for this endpoint."""
        condition = "attribute_not_exists(entry)"
        item = _item(delivery)
        return conditionally(
            lambda: self._client.put_item(TableName=self._table, Item=item, ConditionExpression=condition)
        )

    def find(self, endpoint_id: str, entry: str) -> Delivery | None:
        """Read one, consistently."""
        key: Any = {"item_key": {"S": _partition(endpoint_id)}, "entry": {"S": entry}}
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return _delivery(answer["Item"]) if "Item" in answer else None

    def put(self, delivery: Delivery) -> None:
        """Write one over what stands there."""
        with busy_store():
            self._client.put_item(TableName=self._table, Item=_item(delivery))

    def newest(self, endpoint_id: str, *, most: int) -> Sequence[Delivery]:
        """Return those of an endpoint, newest event first. A thousand of them fit into one answer of DynamoDB."""
        with busy_store():
            answer = self._client.query(
                TableName=self._table,
                KeyConditionExpression="item_key = :partition",
                ExpressionAttributeValues={":partition": {"S": _partition(endpoint_id)}},
                ScanIndexForward=False,
                Limit=most,
            )
        return [_delivery(item) for item in answer["Items"]]


def _partition(endpoint_id: str) -> str:
    return f"deliveries#{endpoint_id}"


def _item(delivery: Delivery) -> Any:
    event = delivery.event
    attempts = [
        {"at": each.at, "status": each.status, "milliseconds": each.milliseconds, "failure": each.failure}
        for each in delivery.attempts
    ]
    return to_item(
        {
            "item_key": _partition(delivery.endpoint_id),
            "entry": delivery.entry,
            "event_id": event.event_id,
            "event_type": event.event_type,
            "happened_at": event.happened_at,
            "details": event.details,
            "state": delivery.state,
            "give_up_at": delivery.give_up_at,
            "attempts": attempts or None,
            "tries": delivery.tries,
            "next_at": delivery.next_at,
            "expires_at": int((event.happened_at + KEPT).timestamp()),
        }
    )


def _delivery(item: Mapping[str, Any]) -> Delivery:
    plain = from_item(item)
    event = WebhookEvent(
        plain["event_id"],
        EventType(plain["event_type"]),
        required_moment(plain["happened_at"]),
        plain.get("details", {}),
    )
    attempts = tuple(
        DeliveryAttempt(
            required_moment(each["at"]), each.get("status", 0), each.get("milliseconds", 0), each["failure"]
        )
        for each in plain.get("attempts", ())
    )
    return Delivery(
        endpoint_id=plain["item_key"].partition("#")[2],
        event=event,
        give_up_at=required_moment(plain["give_up_at"]),
        state=DeliveryState(plain["state"]),
        attempts=attempts,
        tries=plain.get("tries", 0),
        next_at=moment(plain.get("next_at")),
    )
