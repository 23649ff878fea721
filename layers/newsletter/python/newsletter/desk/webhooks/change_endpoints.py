"""What owners do with endpoints: add, rotate the secret, switch off and on, remove, test, and send an event again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from newsletter.core.races import LOST, Race, win
from newsletter.desk.webhooks.delivery import Delivery, delivery_of, is_entry
from newsletter.desk.webhooks.endpoint import MOST, OffBecause, WebhookEndpoint, is_endpoint_id, make_endpoint
from newsletter.desk.webhooks.event import EventType, WebhookEvent
from newsletter.errors import InvalidRequestError

if TYPE_CHECKING:
    from newsletter.desk.webhook_ports import DeliveryStore, EndpointStore, WebhookPorts

GONE = "there is no such endpoint any more"


def add_endpoint(
    url: str,
    event_types: Collection[EventType],
    *,
    with_addresses: bool,
    made_by: str,
    http_on_loopback: bool,
    endpoints: EndpointStore,
    now: datetime,
) -> WebhookEndpoint:
    """Add an endpoint; return it with its secret, to be shown once. The arguments are those of `make_endpoint`.

    Raises:
        InvalidRequestError: Its address will not do, it is told of nothing, or there are too many.
    """
    endpoint = make_endpoint(
        url,
        event_types,
        with_addresses=with_addresses,
        made_by=made_by,
        http_on_loopback=http_on_loopback,
        now=now,
    )
    if not endpoints.add(endpoint):
        raise InvalidRequestError(f"there are {MOST} endpoints already; remove one that is not used any more")
    return endpoint


def rotate_secret(endpoint_id: str, *, endpoints: EndpointStore, now: datetime) -> WebhookEndpoint:
    """Give an endpoint another secret; return it, to be shown once. The old one signs for a day more.

    Raises:
        InvalidRequestError: There is no such endpoint.
    """
    return _changed(endpoint_id, lambda endpoint: endpoint.with_new_secret(now), endpoints)


def switch_endpoint(endpoint_id: str, *, on: bool, endpoints: EndpointStore) -> WebhookEndpoint:
    """Switch an endpoint on or off. What happens while it is off is never told there.

    Raises:
        InvalidRequestError: There is no such endpoint.
    """
    off_because = None if on else OffBecause.OWNER
    return _changed(endpoint_id, lambda endpoint: endpoint.switched(off_because), endpoints)


def remove_endpoint(endpoint_id: str, *, endpoints: EndpointStore) -> WebhookEndpoint:
    """Remove an endpoint; what waits for it is not delivered.

    Raises:
        InvalidRequestError: There is no such endpoint.
    """
    endpoint = found_endpoint(endpoint_id, endpoints)
    if not endpoints.remove(endpoint_id):
        raise InvalidRequestError(GONE)
    return endpoint


def send_test(endpoint_id: str, *, ports: WebhookPorts, now: datetime) -> WebhookEndpoint:
    """Queue a test event for an endpoint.

    Raises:
        InvalidRequestError: There is no such endpoint, or it is switched off.
    """
    endpoint = found_endpoint(endpoint_id, ports.endpoints)
    _must_be_on(endpoint)
    event = WebhookEvent(f"evt_{secrets.token_hex(16)}", EventType.TEST, now, {"endpoint_id": endpoint_id})
    delivery = delivery_of(event, endpoint_id, now=now)
    ports.deliveries.add(delivery)
    ports.queue.put([delivery])
    return endpoint


def send_again(endpoint_id: str, entry: str, *, ports: WebhookPorts, now: datetime) -> Delivery:
    """Queue an event again, for three days from now, with the same `webhook-id`.

    Raises:
        InvalidRequestError: There is no such endpoint or delivery any more, or the endpoint is switched off.
    """
    _must_be_on(found_endpoint(endpoint_id, ports.endpoints))
    delivery = found_delivery(endpoint_id, entry, ports.deliveries).again(now)
    ports.deliveries.put(delivery)
    ports.queue.put([delivery])
    return delivery


def found_endpoint(endpoint_id: str, endpoints: EndpointStore) -> WebhookEndpoint:
    """Return an endpoint.

    Raises:
        InvalidRequestError: There is none.
    """
    endpoint = endpoints.find(endpoint_id) if is_endpoint_id(endpoint_id) else None
    if endpoint is None:
        raise InvalidRequestError(GONE)
    return endpoint


def found_delivery(endpoint_id: str, entry: str, delivery_store: DeliveryStore) -> Delivery:
    """Return a delivery.

    Raises:
        InvalidRequestError: There is none.
    """
    delivery = delivery_store.find(endpoint_id, entry) if is_entry(entry) else None
    if delivery is None:
        raise InvalidRequestError("this event is not kept any more, so it cannot be sent again")
    return delivery


def _must_be_on(endpoint: WebhookEndpoint) -> None:
    if not endpoint.is_on:
        raise InvalidRequestError("the endpoint is switched off; switch it on first")


def _changed(
    endpoint_id: str, rule: Callable[[WebhookEndpoint], WebhookEndpoint], endpoints: EndpointStore
) -> WebhookEndpoint:
    def attempt() -> WebhookEndpoint | Literal[Race.LOST]:
        before = found_endpoint(endpoint_id, endpoints)
        after = rule(before)
        return after if endpoints.change(before, after) else LOST

    return win(attempt, busy="this endpoint is being changed at the same moment; try again")
