"""A simulated SES on a loopback port, for tests that drive it with a real boto3 client."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from socket import socket
from typing import TYPE_CHECKING, Any

import boto3
import httpx
import uvicorn
from botocore.config import Config

from local.simulator.account import Limits
from local.simulator.app import Simulator, create_simulator
from local.simulator.authorization import Authorizer
from local.simulator.connections import droppable_protocol
from local.simulator.inbox.reading import whole
from local.simulator.inbox.store import Filter
from local.simulator.resources import ConfigurationSet, EventDestination, FixedResources

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
REGION = "eu-west-2"
TOPIC = f"arn:aws:sns:{REGION}:000000000000:feedback"
ALL_EVENTS = frozenset({"SEND", "REJECT", "BOUNCE", "COMPLAINT", "DELIVERY", "RENDERING_FAILURE", "DELIVERY_DELAY"})
ISSUES = ConfigurationSet("issues", (EventDestination(TOPIC, ALL_EVENTS),))
KEPT_OPEN = 86_400
"""Seconds. uvicorn ends a connection that is idle for five, as on a busy machine, and a call made just then is lost."""


class Clock:
    """Tells the time it is set to."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


INBOUND_TOPIC = "arn:aws:sns:eu-west-2:123456789012:inbound"


class InboundTopic:
    """The one topic that the rule for received mail names."""

    def topics(self) -> list[str]:
        return [INBOUND_TOPIC]


@dataclass
class RecordingPublisher:
    """Keeps what would go to SNS. `refusing` counts down calls that take nothing."""

    published: list[tuple[str, str]] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    refusing: int = 0
    meanwhile: Callable[[], None] = field(default=lambda: None)
    """What happens while records are on their way."""

    def publish(self, region: str, arn: str, records: Sequence[str]) -> list[int]:  # noqa: ARG002
        """Take all records, or none."""
        self.meanwhile()
        if self.refusing:
            self.refusing -= 1
            return list(range(len(records)))
        self.batches.append(len(records))
        self.published += [(arn, record) for record in records]
        return []


@dataclass(frozen=True)
class SesServer:
    """A running simulator: where it listens, and handles on its inside."""

    endpoint: str
    simulator: Simulator
    publisher: RecordingPublisher
    clock: Clock
    loop: asyncio.AbstractEventLoop

    @cached_property
    def client(self) -> "SESV2Client":
        """A client that makes exactly one attempt, as ours does."""
        return boto3.client(
            "sesv2",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=10),
        )

    def http(self, method: str, path: str, **given: Any) -> httpx.Response:
        """Make a plain HTTP request: to the inbox, or to the simulator's switches."""
        return _http_client().request(method, f"{self.endpoint}{path}", **given)

    def messages(self, *, to: str = "", subject: str = "") -> list[dict[str, Any]]:
        """Return the inbox, newest first, in the shape of its API."""
        return [whole(each) for each in self.simulator.inbox.find(Filter(to, subject))]

    def receive(self, raw: bytes) -> dict[str, Any] | None:
        """Have SES receive a mail, and return its notice as a queue holds it; None where SES knows no such mailbox."""
        before = len(self.publisher.published)
        assert self.http("POST", "/_simulator/inbound", content=raw).status_code == 202
        notices = self.publisher.published[before:]
        del self.publisher.published[before:]
        return {"Type": "Notification", "TopicArn": notices[0][0], "Message": notices[0][1]} if notices else None

    def events(self, kind: str = "") -> list[dict[str, Any]]:
        """Publish all events, due or not, and return the records published so far, of one kind if so asked."""
        asyncio.run_coroutine_threadsafe(self.simulator.events.drain(), self.loop).result(30)
        records: list[dict[str, Any]] = [json.loads(record) for _, record in self.publisher.published]
        return [each for each in records if kind in ("", each["eventType"])]


@cache
def _http_client() -> httpx.Client:
    return httpx.Client()  # one for all servers: each new one would read all certificates of the machine


class _Server(uvicorn.Server):
    """Ends at once: uvicorn notices within a tenth of a second and lingers for another, in hundreds of tests."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.over = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.over.wait()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        end = time.monotonic() + 2
        while (self.server_state.connections or self.server_state.tasks) and time.monotonic() < end:
            await asyncio.sleep(0.001)
        for task in self.server_state.tasks:
            task.cancel()
        await self.lifespan.shutdown()


@contextmanager
def ses_server(
    *,
    configuration_sets: Iterable[ConfigurationSet] = (ISSUES,),
    identities: Iterable[str] | None = None,
    limits: Limits | None = None,
    authorizer: Authorizer | None = None,
    clock: Callable[[], datetime] | None = None,
    seed: int = 1,
) -> Iterator[SesServer]:
    """Run a simulator in a thread on a free port of 127.0.0.1.

    Time stands still at NOW unless a clock is given, and events wait until somebody asks for them.
    """
    time_told = clock if isinstance(clock, Clock) else Clock()
    publisher = RecordingPublisher()
    simulator = create_simulator(
        clock=clock or time_told,
        publisher=publisher,
        resources=FixedResources(configuration_sets, identities),
        authorizer=authorizer,
        inbound_topics=InboundTopic(),
        region=REGION,
        limits=limits,
        seed=seed,
        background=False,
    )
    server = _Server(
        uvicorn.Config(
            simulator.app,
            host="127.0.0.1",
            port=0,
            http=droppable_protocol(simulator.transports),
            log_level="warning",
            timeout_keep_alive=KEPT_OPEN,
        )
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(server.serve()), name="ses-simulator", daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the simulator did not start")
        thread.join(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield SesServer(f"http://127.0.0.1:{port}", simulator, publisher, time_told, loop)
    finally:
        loop.call_soon_threadsafe(server.over.set)
        thread.join(10)
        loop.close()
