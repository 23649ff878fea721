"""What telling other programs of events touches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from newsletter.desk.session_ports import ActivityLog
    from newsletter.desk.webhooks.delivery import Delivery, DeliveryAttempt
    from newsletter.desk.webhooks.endpoint import WebhookEndpoint


class EndpointStore(Protocol):
    """The endpoints, few as they are."""

    def all(self) -> Sequence[WebhookEndpoint]:
        """Return them, oldest first, read consistently."""
        ...

    def find(self, endpoint_id: str) -> WebhookEndpoint | None: ...

    def add(self, endpoint: WebhookEndpoint) -> bool:
        """Keep a new one; return whether there was room for it."""
        ...

    def change(self, endpoint: WebhookEndpoint, changed_endpoint: WebhookEndpoint) -> bool:
        """Write it as `changed_endpoint` if nobody changed or removed it since; return whether that was so."""
        ...

    def remove(self, endpoint_id: str) -> bool:
        """Forget one; return whether there was one. Its deliveries stay until they expire, and nobody tries them."""
        ...


class DeliveryStore(Protocol):
    """Deliveries, kept for a month."""

    def add(self, delivery: Delivery) -> bool:
        """Keep a new one; return whether there was none of this event for this endpoint."""
        ...

    def find(self, endpoint_id: str, entry: str) -> Delivery | None:
        """Read one, consistently."""
        ...

    def put(self, delivery: Delivery) -> None:
        """Write one over what stands there."""
        ...

    def newest(self, endpoint_id: str, *, most: int) -> Sequence[Delivery]:
        """Return those of an endpoint, newest event first."""
        ...


class DeliveryQueue(Protocol):
    """Deliveries to be tried."""

    def put(self, deliveries: Sequence[Delivery]) -> None: ...


class EndpointNews(Protocol):
    """Emails to the owners about an endpoint, to be written."""

    def tell_of_gone(self, endpoint: WebhookEndpoint) -> None:
        """Say that it was switched off since it answered 410."""
        ...


@dataclass(frozen=True, slots=True)
class DeliveryRequest:
    """What is sent to an endpoint."""

    url: str
    headers: Mapping[str, str]
    body: str


Post = Callable[[DeliveryRequest, "datetime"], "DeliveryAttempt"]
"""Sends a request once, at a moment, and returns what came of it within ten seconds. It raises nothing."""

Sign = Callable[..., Mapping[str, str]]
"""Returns the headers that prove who sent what, and when: `sign(event_id, body, secrets=..., now=...)`."""


@dataclass(frozen=True, slots=True)
class WebhookPorts:
    """What events from the records, and the pages about endpoints, touch."""

    endpoints: EndpointStore
    deliveries: DeliveryStore
    queue: DeliveryQueue


@dataclass(frozen=True, slots=True)
class DeliverPorts:
    """What delivering an event touches."""

    endpoints: EndpointStore
    deliveries: DeliveryStore
    activities: ActivityLog
    news: EndpointNews
    email_of: Callable[[str], str]
    """Returns the address of a subscriber by the id; empty if there is none any more."""
    sign: Sign
    post: Post
    chance: Callable[[], float]
    """Returns a number from 0 to 1."""
