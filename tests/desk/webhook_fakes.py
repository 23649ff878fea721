"""What telling other programs of events touches, in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from newsletter.desk.adapters.webhooks.signatures import signature_headers
from newsletter.desk.domain.activity import Activity
from newsletter.desk.webhook_ports import DeliverPorts, DeliveryRequest, WebhookPorts
from newsletter.desk.webhooks.delivery import Delivery, DeliveryAttempt
from newsletter.desk.webhooks.endpoint import MOST, WebhookEndpoint
from newsletter.desk.webhooks.event import CHOICES, EventType, WebhookEvent
from tests.core.fakes import NOW

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="  # noqa: S105
ENDPOINT = WebhookEndpoint(
    "0123456789abcdef", "https://crm.example.org/hook?key=1", frozenset(CHOICES), False, SECRET, "a" * 16, NOW
)
EVENT = WebhookEvent(f"evt_{'0' * 32}", EventType.CONFIRMED, NOW, {"subscriber_id": "f" * 32, "source": "/"})


class MemoryEndpoints:
    """The endpoints."""

    def __init__(self, *endpoints: WebhookEndpoint) -> None:
        self._held: dict[str, WebhookEndpoint] = {}
        for each in endpoints:
            self.add(each)

    def all(self) -> Sequence[WebhookEndpoint]:
        return sorted(self._held.values(), key=lambda each: (each.made_at, each.endpoint_id))

    def find(self, endpoint_id: str) -> WebhookEndpoint | None:
        return self._held.get(endpoint_id)

    def add(self, endpoint: WebhookEndpoint) -> bool:
        if len(self._held) >= MOST or endpoint.endpoint_id in self._held:
            return False
        self._held[endpoint.endpoint_id] = replace(endpoint, version=1)
        return True

    def change(self, endpoint: WebhookEndpoint, changed_endpoint: WebhookEndpoint) -> bool:
        stands = self._held.get(endpoint.endpoint_id)
        if stands is None or stands.version != endpoint.version:
            return False
        self._held[endpoint.endpoint_id] = replace(changed_endpoint, version=endpoint.version + 1)
        return True

    def remove(self, endpoint_id: str) -> bool:
        return self._held.pop(endpoint_id, None) is not None


class MemoryDeliveries:
    """Deliveries."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], Delivery] = {}

    def add(self, delivery: Delivery) -> bool:
        name = (delivery.endpoint_id, delivery.entry)
        return name not in self.held and self.held.setdefault(name, delivery) is delivery

    def find(self, endpoint_id: str, entry: str) -> Delivery | None:
        return self.held.get((endpoint_id, entry))

    def put(self, delivery: Delivery) -> None:
        self.held[delivery.endpoint_id, delivery.entry] = delivery

    def newest(self, endpoint_id: str, *, most: int) -> Sequence[Delivery]:
        of_endpoint = [each for each in self.held.values() if each.endpoint_id == endpoint_id]
        return sorted(of_endpoint, key=lambda each: each.entry, reverse=True)[:most]


class MemoryDeliveryQueue:
    """Deliveries to be tried."""

    def __init__(self) -> None:
        self.waiting: list[Delivery] = []

    def put(self, deliveries: Sequence[Delivery]) -> None:
        self.waiting += deliveries


class MemoryActivities:
    """The log of the desk."""

    def __init__(self) -> None:
        self.noted: list[Activity] = []

    def note(self, activity: Activity) -> None:
        self.noted.append(activity)

    def month(self, month: str, *, most: int) -> Sequence[Activity]:
        return [each for each in reversed(self.noted) if f"{each.at:%Y-%m}" == month][:most]


@dataclass
class Receiver:
    """A program at the other end, which answers as it is told."""

    answers: Callable[[datetime], int] = lambda _: 204
    """Returns the status at a moment; 0 for none."""
    requests: list[tuple[datetime, DeliveryRequest]] = field(default_factory=list)

    def __call__(self, request: DeliveryRequest, now: datetime) -> DeliveryAttempt:
        self.requests.append((now, request))
        status = self.answers(now)
        return DeliveryAttempt(now, status, 12 if status else 10_000, "" if status else "did not answer in time")


class MemoryNews:
    """Emails about endpoints."""

    def __init__(self) -> None:
        self.gone: list[WebhookEndpoint] = []

    def tell_of_gone(self, endpoint: WebhookEndpoint) -> None:
        self.gone.append(endpoint)


@dataclass
class Switchboard:
    """Everything around endpoints, with one receiver behind all of them."""

    endpoints: MemoryEndpoints = field(default_factory=lambda: MemoryEndpoints(ENDPOINT))
    deliveries: MemoryDeliveries = field(default_factory=MemoryDeliveries)
    queue: MemoryDeliveryQueue = field(default_factory=MemoryDeliveryQueue)
    activities: MemoryActivities = field(default_factory=MemoryActivities)
    news: MemoryNews = field(default_factory=MemoryNews)
    emails: dict[str, str] = field(default_factory=dict)
    receiver: Receiver = field(default_factory=Receiver)
    chance: Callable[[], float] = lambda: 0.5

    @property
    def ports(self) -> WebhookPorts:
        return WebhookPorts(self.endpoints, self.deliveries, self.queue)

    @property
    def deliver_ports(self) -> DeliverPorts:
        return DeliverPorts(
            endpoints=self.endpoints,
            deliveries=self.deliveries,
            activities=self.activities,
            news=self.news,
            email_of=lambda subscriber_id: self.emails.get(subscriber_id, ""),
            sign=signature_headers,
            post=self.receiver,
            chance=self.chance,
        )
