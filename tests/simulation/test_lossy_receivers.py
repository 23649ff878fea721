"""Webhooks on virtual time: whatever a receiver does, each event gets there in three days, and others go on."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

import pytest

from newsletter.desk.webhook_ports import DeliveryRequest
from newsletter.desk.webhooks.deliver import deliver
from newsletter.desk.webhooks.delivery import TRIED_FOR, DeliveryAttempt, DeliveryState
from newsletter.desk.webhooks.endpoint import LONGEST_REST
from newsletter.desk.webhooks.event import WebhookEvent
from newsletter.desk.webhooks.queue_deliveries import queue_deliveries
from tests.core.fakes import NOW
from tests.desk.webhook_fakes import ENDPOINT, EVENT, MemoryEndpoints, Switchboard

WORKERS = 20
"""Ten messages each in two executions, as template.yaml has it."""

OTHER = replace(ENDPOINT, endpoint_id="e" * 16, url="https://chat.example.org/hook")
SILENT = timedelta(seconds=10)
AT_ONCE = timedelta(milliseconds=200)


@dataclass
class Weather:
    """What the receivers do, by chance; the chat always answers."""

    random: Random
    refused: float
    outage: tuple[datetime, datetime] | None = None
    got: dict[str, set[str]] = field(default_factory=dict)
    """Which events arrived, by the address; also where the answer got lost."""
    requests: dict[str, int] = field(default_factory=dict)

    def __call__(self, request: DeliveryRequest, now: datetime) -> DeliveryAttempt:
        url = request.url
        self.requests[url] = self.requests.get(url, 0) + 1
        down = self.outage is not None and self.outage[0] <= now < self.outage[1]
        if url == ENDPOINT.url and (down or self.random.random() < self.refused):
            kind = self.random.choice((0, 429, 500, 503, 302, 404))
            if kind == 0 and not down and self.random.random() < 0.5:
                self._arrived(request)  # the work was done, and the answer did not come back
            return DeliveryAttempt(now, kind, 10_000 if kind == 0 else 200, "" if kind else "did not answer in time")
        self._arrived(request)
        return DeliveryAttempt(now, 204, 200)

    def _arrived(self, request: DeliveryRequest) -> None:
        self.got.setdefault(request.url, set()).add(request.headers["webhook-id"])


@dataclass(order=True)
class Message:
    """One of the queue, from when on it can be received."""

    visible_at: datetime
    number: int
    endpoint_id: str = field(compare=False)
    entry: str = field(compare=False)


def run(board: Switchboard, events: list[WebhookEvent]) -> tuple[datetime, dict[str, timedelta]]:
    """Work through the queue with so many workers; return the end, and how long each of the chat's events waited."""
    queue: list[Message] = []
    free = [NOW] * WORKERS
    waited: dict[str, timedelta] = {}
    for event in events:
        queue_deliveries([event], ports=board.ports, now=event.happened_at)
        for each in board.queue.waiting:
            heapq.heappush(queue, Message(event.happened_at, len(queue), each.endpoint_id, each.entry))
        board.queue.waiting.clear()
    number, now = len(queue), NOW
    while queue:
        message = heapq.heappop(queue)
        now = max(message.visible_at, heapq.heappop(free))
        delivered = deliver(message.endpoint_id, message.entry, ports=board.deliver_ports, now=now)
        delivery = board.deliveries.find(message.endpoint_id, message.entry)
        assert delivery is not None
        called = delivery.attempts[-1:] and delivery.attempts[-1].at == now
        busy = timedelta(milliseconds=delivery.attempts[-1].milliseconds) if called else timedelta(milliseconds=5)
        heapq.heappush(free, now + busy)
        if message.endpoint_id == OTHER.endpoint_id:
            waited[message.entry] = now - delivery.event.happened_at
        if delivered.wait is not None:
            number += 1
            # It was received when the call began, and is put aside when the call has ended.
            heapq.heappush(queue, Message(now + busy + delivered.wait, number, message.endpoint_id, message.entry))
    return now, waited


def some_events(count: int, *, within: timedelta) -> list[WebhookEvent]:
    return [
        replace(EVENT, event_id=f"evt_{number:032x}", happened_at=NOW + within * number / count)
        for number in range(count)
    ]


@pytest.mark.parametrize("seed", range(12))
def test_a_receiver_that_refuses_at_random_gets_each_event_and_the_log_says_so(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a throw of the dice
    hours = random.uniform(0, 40)
    begins = NOW + timedelta(hours=random.uniform(0, 20))
    weather = Weather(random, refused=random.uniform(0.1, 0.5), outage=(begins, begins + timedelta(hours=hours)))
    board = Switchboard(endpoints=MemoryEndpoints(ENDPOINT), receiver=weather, chance=random.random)  # type: ignore[arg-type]
    events = some_events(150, within=timedelta(hours=24))

    run(board, events)

    assert weather.got[ENDPOINT.url] == {each.event_id for each in events}
    for delivery in board.deliveries.newest(ENDPOINT.endpoint_id, most=1000):
        assert delivery.state is DeliveryState.DELIVERED
        assert delivery.attempts[-1].succeeded
        assert not any(each.succeeded for each in delivery.attempts[:-1])
        assert delivery.attempts[-1].at <= delivery.event.happened_at + TRIED_FOR
    assert sum(len(each.attempts) for each in board.deliveries.held.values()) == weather.requests[ENDPOINT.url]


def test_a_receiver_that_never_answers_keeps_the_events_of_another_for_ten_seconds_and_no_longer() -> None:
    weather = Weather(Random(1), refused=0, outage=(NOW, NOW + timedelta(days=9)))  # noqa: S311
    endpoints = MemoryEndpoints(ENDPOINT, OTHER)
    board = Switchboard(endpoints=endpoints, receiver=weather, chance=Random(2).random)  # type: ignore[arg-type]  # noqa: S311
    events = some_events(600, within=timedelta(seconds=1))  # as an import brings them

    end, waited = run(board, events)

    assert weather.got[OTHER.url] == {each.event_id for each in events}
    assert max(waited.values()) < SILENT + timedelta(seconds=10)
    dead = board.deliveries.newest(ENDPOINT.endpoint_id, most=1000)
    assert {each.state for each in dead} == {DeliveryState.GIVEN_UP}
    assert end <= NOW + TRIED_FOR + 2 * LONGEST_REST + timedelta(minutes=1)
    assert weather.requests[ENDPOINT.url] < 600 + TRIED_FOR / LONGEST_REST * 2, "not a call for each event and wait"


def test_what_waits_for_a_receiver_comes_within_a_rest_and_a_wait_of_its_return() -> None:
    back = NOW + timedelta(hours=8)
    weather = Weather(Random(1), refused=0, outage=(NOW, back))  # noqa: S311
    board = Switchboard(receiver=weather, chance=Random(2).random)  # type: ignore[arg-type]  # noqa: S311
    events = some_events(100, within=timedelta(hours=1))

    end, _ = run(board, events)

    assert weather.got[ENDPOINT.url] == {each.event_id for each in events}
    assert end <= back + timedelta(hours=4) + 2 * LONGEST_REST
