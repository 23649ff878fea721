"""Takes events to the topics of the configuration set: in the background, in batches, late or twice if so asked."""

import asyncio
import heapq
import itertools
import json
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.simulator.events import Event, record
from local.simulator.faults import FaultSource
from local.simulator.resources import Resources
from local.simulator.stats import Stats

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

logger = logging.getLogger(__name__)
SNS_BATCH = 10
SNS_BATCH_BYTES = 250_000  # SNS takes 262,144 bytes a call, all entries together
MAX_WORKERS = 4
MAX_ATTEMPTS = 5
ROUND = 400  # events looked at in one go
IDLE_SECONDS = 0.02


class Publisher(Protocol):
    """Where events go."""

    def publish(self, region: str, topic_arn: str, records: Sequence[str]) -> list[int]:
        """Publish up to ten records; return the positions of those that were not taken."""


class SnsPublisher:
    """Publishes through SNS, as SES does."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._client = lru_cache(self._new_client)

    def _new_client(self, region: str) -> "SNSClient":
        return boto3.client(
            "sns",
            endpoint_url=self._endpoint,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - MiniStack's root, not a secret
            config=Config(retries={"total_max_attempts": 1}, max_pool_connections=2 * MAX_WORKERS),
        )

    def publish(self, region: str, topic_arn: str, records: Sequence[str]) -> list[int]:
        """Publish up to ten records; return the positions of those that were not taken."""
        try:
            answer = self._client(region).publish_batch(
                TopicArn=topic_arn,
                PublishBatchRequestEntries=[
                    {"Id": str(number), "Message": body, "Subject": "Amazon SES Email Event Notification"}
                    for number, body in enumerate(records)
                ],
            )
        except (ClientError, BotoCoreError) as exc:
            logger.warning("SNS did not take %d events for %s: %s", len(records), topic_arn, exc)
            return list(range(len(records)))
        return [int(failed["Id"]) for failed in answer.get("Failed", [])]


class NoPublisher:
    """Publishes nowhere: for running without an AWS endpoint."""

    def publish(self, region: str, topic_arn: str, records: Sequence[str]) -> list[int]:  # noqa: ARG002
        """Take everything."""
        return []


@dataclass(order=True, slots=True)
class _Due:
    at: float
    order: int
    event: Any  # an Event; not compared, `order` is unique


class EventQueue:
    """Holds events until they are due, then publishes them. Nobody who sends ever waits for it."""

    def __init__(
        self,
        *,
        publisher: Publisher,
        resources: Resources,
        faults: FaultSource,
        stats: Stats,
        clock: Callable[[], datetime],
        account_id: str,
    ) -> None:
        self._publisher = publisher
        self._resources = resources
        self._faults = faults
        self._stats = stats
        self._clock = clock
        self._account_id = account_id
        self._waiting: list[_Due] = []
        self._in_flight = 0
        self._order = itertools.count()
        self._woken = asyncio.Event()
        self._workers = asyncio.Semaphore(MAX_WORKERS)

    def __len__(self) -> int:
        """Return how many no topic has taken yet; those that are being handed over are among them."""
        return len(self._waiting) + self._in_flight

    def put(self, event: Event, *, at: datetime | None = None) -> None:
        """Queue an event. Whether it is lost, doubled or delayed is decided here, in the order of sending.

        Args:
            event: What happened.
            at: When SES hears of it, if not when it happened.
        """
        if not event.message.configuration_set:
            return  # without a configuration set SES publishes nothing
        copies = self._faults.event_copies()
        self._stats.event_drawn(copies)
        due = (at or event.at) + timedelta(milliseconds=self._faults.faults.event_delay_ms)
        for _ in range(copies):
            heapq.heappush(self._waiting, _Due(due.timestamp(), next(self._order), event))
        self._woken.set()

    async def publish_due(self, *, until: datetime | None = None) -> int:
        """Publish what is due; return how many events that was."""
        now = (until or self._clock()).timestamp()
        due: list[Event] = []
        while self._waiting and self._waiting[0].at <= now and len(due) < ROUND:
            due.append(heapq.heappop(self._waiting).event)
        self._in_flight += len(due)
        try:
            await self._hand_over(due)
        finally:
            self._in_flight -= len(due)
        return len(due)

    async def _hand_over(self, due: Sequence[Event]) -> None:
        records: dict[tuple[str, str], list[str]] = defaultdict(list)
        for event in due:
            await self._address(event, records)
        await asyncio.gather(
            *(
                self._publish(region, topic, batch)
                for (region, topic), bodies in records.items()
                for batch in _batches(bodies)
            )
        )

    async def run(self) -> None:
        """Publish for ever."""
        while True:
            if not self._waiting:
                self._woken.clear()
                await self._woken.wait()
            try:
                published = await self.publish_due()
            except (ClientError, BotoCoreError) as exc:
                # The events of this round are gone, as SES's may be; those who send are not troubled by it.
                logger.error("Events were lost: their configuration set could not be read: %s", exc)
                published = 0
            if not published:
                await asyncio.sleep(IDLE_SECONDS)

    async def drain(self, *, at_most: float = 30.0) -> None:
        """Publish everything there is, due or not."""
        end = time.monotonic() + at_most
        while self._waiting and time.monotonic() < end:
            await self.publish_due(until=datetime.max.replace(tzinfo=self._clock().tzinfo, year=9000))

    async def _address(self, event: Event, records: dict[tuple[str, str], list[str]]) -> None:
        region = event.message.region
        found = await self._resources.configuration_set(region, event.message.configuration_set)
        topics = [each.topic_arn for each in found.destinations if event.api_name in each.event_types] if found else []
        if not topics:
            return
        body = json.dumps(record(event, account_id=self._account_id), separators=(",", ":"))
        for topic in topics:
            self._stats.event_published(event.kind)
            records[(region, topic)].append(body)

    async def _publish(self, region: str, topic: str, batch: list[str]) -> None:
        async with self._workers:
            for attempt in range(MAX_ATTEMPTS):
                refused = await asyncio.to_thread(self._publisher.publish, region, topic, batch)
                if not refused:
                    return
                batch = [batch[number] for number in refused]
                await asyncio.sleep(0.05 * 2**attempt)
        self._stats.events_failed(len(batch))
        logger.error("%d events for %s were given up after %d attempts", len(batch), topic, MAX_ATTEMPTS)


def _batches(bodies: Sequence[str]) -> list[list[str]]:
    batches: list[list[str]] = []
    size = SNS_BATCH_BYTES
    for body in bodies:
        if size + len(body) > SNS_BATCH_BYTES or len(batches[-1]) == SNS_BATCH:
            batches.append([])
            size = 0
        batches[-1].append(body)
        size += len(body)
    return batches
