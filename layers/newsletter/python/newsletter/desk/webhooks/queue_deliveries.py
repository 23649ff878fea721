"""Events out of the records: each is written down and queued for each endpoint that is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from newsletter.desk.webhooks.delivery import delivery_of

if TYPE_CHECKING:
    from newsletter.desk.webhook_ports import WebhookPorts
    from newsletter.desk.webhooks.event import WebhookEvent


def queue_deliveries(webhook_events: Sequence[WebhookEvent], *, ports: WebhookPorts, now: datetime) -> int:
    """Write down and queue deliveries; return how many.

    Cut off on the way it may be repeated with the same events: what was delivered meanwhile is not delivered again, and
    what was written down and perhaps not queued is queued.
    """
    if not webhook_events:
        return 0
    endpoints = [each for each in ports.endpoints.all() if each.is_on]
    deliveries = [
        delivery_of(event, endpoint.endpoint_id, now=now)
        for event in webhook_events
        for endpoint in endpoints
        if event.event_type in endpoint.event_types
    ]
    for delivery in deliveries:
        ports.deliveries.add(delivery)
    ports.queue.put(deliveries)
    return len(deliveries)
