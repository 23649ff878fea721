"""Telling one endpoint of one event: sign it, send it, and write down what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from newsletter.desk.domain.activity import Activity
from newsletter.desk.webhook_ports import DeliveryRequest
from newsletter.desk.webhooks.delivery import Delivery, DeliveryAttempt, DeliveryState
from newsletter.desk.webhooks.endpoint import OffBecause, WebhookEndpoint

if TYPE_CHECKING:
    from newsletter.desk.webhook_ports import DeliverPorts

GONE = 410
"""By the specification: the endpoint wants nothing any more."""


class DeliverResult(StrEnum):
    """What came of a message of the queue, as it stands in the log."""

    DELIVERED = "delivered"
    FAILED = "failed"
    """It is tried again."""
    RESTS = "rests"
    """The endpoint is left alone at this moment."""
    GIVEN_UP = "given up"
    GONE = "gone"
    """The endpoint answered 410, and is switched off."""
    OVER = "over"
    """It was delivered or given up before, or its endpoint was removed."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of it, and how long to wait with the next attempt."""

    result: DeliverResult
    wait: timedelta | None = None
    """None when there is no next attempt."""


def deliver(endpoint_id: str, entry: str, *, ports: DeliverPorts, now: datetime) -> Delivered:
    """Try a delivery once.

    A message that comes twice may tell the endpoint twice; both requests have the same `webhook-id`.
    """
    delivery, endpoint = ports.deliveries.find(endpoint_id, entry), ports.endpoints.find(endpoint_id)
    if delivery is None or endpoint is None or delivery.state is not DeliveryState.WAITING:
        return Delivered(DeliverResult.OVER)
    if not endpoint.is_on:
        return _given_up(delivery, ports)
    if endpoint.rests(now):
        if now >= delivery.give_up_at:
            return _given_up(delivery, ports)
        return Delivered(DeliverResult.RESTS, _rest(endpoint, now, ports.chance()))
    attempt = ports.post(_request(delivery, endpoint, ports, now), now)
    tried = delivery.after(attempt, share=ports.chance())
    if attempt.status == GONE:
        tried = tried.given_up()
    ports.deliveries.put(tried)
    return _after(attempt, tried, endpoint, ports, now)


def _after(
    attempt: DeliveryAttempt, tried: Delivery, endpoint: WebhookEndpoint, ports: DeliverPorts, now: datetime
) -> Delivered:
    """Write down what the attempt says about the endpoint. Of several at the same moment, one does."""
    if attempt.succeeded:
        if endpoint.failures:
            ports.endpoints.change(endpoint, endpoint.after_success())
        return Delivered(DeliverResult.DELIVERED)
    if attempt.status == GONE:
        if ports.endpoints.change(endpoint, endpoint.switched(OffBecause.GONE)):
            did, why = "switched off the webhook", "It answered 410: it wants no events any more."
            ports.activities.note(Activity(now, "Webhooks", did, endpoint.label, why))
            ports.news.tell_of_gone(endpoint)
        return Delivered(DeliverResult.GONE)
    ports.endpoints.change(endpoint, endpoint.after_failure(now))
    if tried.next_at is None:
        return Delivered(DeliverResult.GIVEN_UP)
    return Delivered(DeliverResult.FAILED, tried.next_at - now)


def _request(delivery: Delivery, endpoint: WebhookEndpoint, ports: DeliverPorts, now: datetime) -> DeliveryRequest:
    event = delivery.event
    subscriber_id = str(event.details.get("subscriber_id", ""))
    # Read now and kept nowhere: a delivery of last week must not know somebody who was erased yesterday.
    email = ports.email_of(subscriber_id) if endpoint.with_addresses and subscriber_id else ""
    body = event.payload(email)
    headers = ports.sign(event.event_id, body, secrets=endpoint.secrets_at(now), now=now)
    return DeliveryRequest(endpoint.url, {"Content-Type": "application/json", **headers}, body)


def _rest(endpoint: WebhookEndpoint, now: datetime, share: float) -> timedelta:
    """Return until when to wait for an endpoint at rest: not all that wait come back at the same moment."""
    assert endpoint.rests_until is not None  # noqa: S101 - whoever asks has looked
    left = endpoint.rests_until - now
    return left + max(left, timedelta(seconds=5)) * share


def _given_up(delivery: Delivery, ports: DeliverPorts) -> Delivered:
    ports.deliveries.put(delivery.given_up())
    return Delivered(DeliverResult.GIVEN_UP)
