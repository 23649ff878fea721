"""Takes events to topics and streams of the configuration set: in the background, in batches, and late or twice."""

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
STREAM_BATCH = 500
STREAM_BATCH_BYTES = 4_000_000  # Firehose takes 4 MiB a call
MAX_WORKERS = 4
MAX_ATTEMPTS = 5
ROUND = 400  # events looked at in one go
IDLE_SECONDS = 0.02


class Publisher(Protocol):
    """Where events go."""

    def publish(self, region: str, arn: str, records: Sequence[str]) -> list[int]:
        """Publish as many records as one call takes; return the positions of those that were not taken."""


class AwsPublisher:
    """Publishes through SNS and Firehose, as SES does."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._client = lru_cache(self._new_client)

    def _new_client(self, service: Any, region: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self._endpoint,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - MiniStack's root, not a secret
            config=Config(retries={"total_max_attempts": 1}, max_pool_connections=2 * MAX_WORKERS),
        )

    def publish(self, region: str, arn: str, records: Sequence[str]) -> list[int]:
        """Publish as many records as one call takes; return the positions of those that were not taken."""
        try:
            return self._stream(region, arn, records) if is_stream(arn) else self._notify(region, arn, records)
        except (ClientError, BotoCoreError) as exc:
            logger.warning("AWS did not take %d events for %s: %s", len(records), arn, exc)
            return list(range(len(records)))

    def _notify(self, region: str, topic_arn: str, records: Sequence[str]) -> list[int]:
        client: SNSClient = self._client("sns", region)
        answer = client.publish_batch(
            TopicArn=topic_arn,
            PublishBatchRequestEntries=[
                {"Id": str(number), "Message": body, "Subject": "Amazon SES Email Event Notification"}
                for number, body in enumerate(records)
            ],
        )
        return [int(failed["Id"]) for failed in answer.get("Failed", [])]

    def _stream(self, region: str, stream_arn: str, records: Sequence[str]) -> list[int]:
        answer = self._client("firehose", region).put_record_batch(
            DeliveryStreamName=stream_arn.rpartition("/")[2],
            Records=[{"Data": f"{body}\n".encode()} for body in records],  # SES ends each with a new line
        )
        return [number for number, each in enumerate(answer["RequestResponses"]) if each.get("ErrorCode")]


def is_stream(arn: str) -> bool:
    """Return whether this is a stream of Firehose, and not a topic of SNS."""
    return ":deliverystream/" in arn


class NoPublisher:
    """Publishes nowhere: for running without an AWS endpoint."""

    def publish(self, region: str, arn: str, records: Sequence[str]) -> list[int]:  # noqa: ARG002
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
        """Return how many nobody has taken yet; those that are being handed over are among them."""
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
                self._publish(region, arn, batch)
                for (region, arn), bodies in records.items()
                for batch in _batches(bodies, arn)
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
        arns = [each.arn for each in found.destinations if event.api_name in each.event_types] if found else []
        if not arns:
            return
        body = json.dumps(record(event, account_id=self._account_id), separators=(",", ":"))
        for arn in arns:
            self._stats.event_published(event.kind)
            records[(region, arn)].append(body)

    async def _publish(self, region: str, arn: str, batch: list[str]) -> None:
        async with self._workers:
            for attempt in range(MAX_ATTEMPTS):
                refused = await asyncio.to_thread(self._publisher.publish, region, arn, batch)
                if not refused:
                    return
                batch = [batch[number] for number in refused]
                await asyncio.sleep(0.05 * 2**attempt)
        self._stats.events_failed(len(batch))
        logger.error("%d events for %s were given up after %d attempts", len(batch), arn, MAX_ATTEMPTS)


def _batches(bodies: Sequence[str], arn: str) -> list[list[str]]:
    most, most_bytes = (STREAM_BATCH, STREAM_BATCH_BYTES) if is_stream(arn) else (SNS_BATCH, SNS_BATCH_BYTES)
    batches: list[list[str]] = []
    size = most_bytes
    for body in bodies:
        if size + len(body) > most_bytes or len(batches[-1]) == most:
            batches.append([])
            size = 0
        batches[-1].append(body)
        size += len(body)
    return batches
