"""Endpoints in DynamoDB: table `webhooks`, partition `endpoints`. Nobody but the desk and the deliveries reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from newsletter.aws.dynamo import busy_store, conditionally, from_item, moment, required_moment, to_item
from newsletter.desk.webhooks.endpoint import MOST, OffBecause, WebhookEndpoint
from newsletter.desk.webhooks.event import EventType

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ENDPOINTS = "endpoints"


class DynamoEndpoints:
    """Items {"item_key": "endpoints", "entry": <endpoint id>, …the fields of WebhookEndpoint}."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def all(self) -> Sequence[WebhookEndpoint]:
        """Return them, oldest first."""
        with busy_store():
            answer = self._client.query(
                TableName=self._table,
                KeyConditionExpression="item_key = :endpoints",
                ExpressionAttributeValues={":endpoints": {"S": ENDPOINTS}},
                ConsistentRead=True,
            )
        return sorted(map(_endpoint, answer["Items"]), key=lambda each: (each.made_at, each.endpoint_id))

    def find(self, endpoint_id: str) -> WebhookEndpoint | None:
        """Return one, read consistently."""
        with busy_store():
            answer = self._client.get_item(TableName=self._table, Key=_key(endpoint_id), ConsistentRead=True)
        return _endpoint(answer["Item"]) if "Item" in answer else None

    def add(self, endpoint: WebhookEndpoint) -> bool:
        """Keep a new one; return whether there was room. Two owners at the same moment may both get the last place."""
        if len(self.all()) >= MOST:
            return False
        return self._put(endpoint, ConditionExpression="attribute_not_exists(entry)")

    def change(self, endpoint: WebhookEndpoint, changed_endpoint: WebhookEndpoint) -> bool:
        """Write it as `changed_endpoint`, if it still stands as it was read."""
        values = {":version": {"N": str(endpoint.version)}}
        return self._put(
            replace(changed_endpoint, version=endpoint.version),
            ConditionExpression="version = :version",
            ExpressionAttributeValues=values,
        )

    def remove(self, endpoint_id: str) -> bool:
        """Forget one; return whether there was one."""
        condition = "attribute_exists(entry)"
        return conditionally(
            lambda: self._client.delete_item(
                TableName=self._table, Key=_key(endpoint_id), ConditionExpression=condition
            )
        )

    def _put(self, endpoint: WebhookEndpoint, **condition: Any) -> bool:
        item = to_item(
            {
                "item_key": ENDPOINTS,
                "entry": endpoint.endpoint_id,
                "url": endpoint.url,
                "event_types": sorted(endpoint.event_types),
                "with_addresses": endpoint.with_addresses,
                "secret": endpoint.secret,
                "previous_secret": endpoint.previous_secret,
                "rotated_at": endpoint.rotated_at,
                "made_by": endpoint.made_by,
                "made_at": endpoint.made_at,
                "off_because": endpoint.off_because,
                "failures": endpoint.failures,
                "rests_until": endpoint.rests_until,
            }
        )
        item["version"] = {"N": str(endpoint.version + 1)}
        return conditionally(lambda: self._client.put_item(TableName=self._table, Item=item, **condition))


def _key(endpoint_id: str) -> Any:
    return {"item_key": {"S": ENDPOINTS}, "entry": {"S": endpoint_id}}


def _endpoint(item: Mapping[str, Any]) -> WebhookEndpoint:
    plain = from_item(item)
    known = {str(each) for each in EventType}
    return WebhookEndpoint(
        endpoint_id=plain["entry"],
        url=plain["url"],
        # A release before this one does not know what a newer one added.
        event_types=frozenset(EventType(each) for each in plain["event_types"] if each in known),
        with_addresses=plain.get("with_addresses", False),
        secret=plain["secret"],
        made_by=plain["made_by"],
        made_at=required_moment(plain["made_at"]),
        previous_secret=plain.get("previous_secret", ""),
        rotated_at=moment(plain.get("rotated_at")),
        off_because=OffBecause(plain["off_because"]) if "off_because" in plain else None,
        failures=plain.get("failures", 0),
        rests_until=moment(plain.get("rests_until")),
        version=plain["version"],
    )
