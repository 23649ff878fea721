"""A send in a process of its own: the real planner, worker, rate arithmetic and SES client; the stores are in memory.

`bench/sending.py` starts it with an order as its only argument, and reads what it found from its output.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from time import perf_counter, process_time, sleep
from typing import Any, cast
from uuid import uuid4

import boto3

from bench.counting import Calls as WireCalls
from bench.memory import peak_rss_mb
from local.process import forget_account
from newsletter.core.audience.expression import AudienceExpression
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.readers.domain.shard import Shard, shards
from newsletter.readers.records_read import RecordsRead
from newsletter.sending.adapters.ses_bulk import SesBulk, in_bulk
from newsletter.sending.adapters.ses_single import SesSingle
from newsletter.sending.domain.batch import BatchState
from newsletter.sending.domain.pace import Pace
from newsletter.sending.domain.quota import Allowance
from newsletter.sending.domain.send import Send
from newsletter.sending.jobs.fan_out import fan_out
from newsletter.sending.jobs.send_batch import send_batch
from newsletter.sending.ports import SendPorts
from newsletter.wiring.patience import ONE_ATTEMPT
from newsletter.wiring.system_clock import SystemClock
from tests.factories import LINKS, NEWSLETTER, SLUG, an_id, rendered, subscriber
from tests.feedback.fakes import MemoryEvidence
from tests.issues.fakes import MemoryContent
from tests.readers.fakes import MemorySubscribers
from tests.sending.fakes import MemoryQueues, MemoryRate, MemorySends, MemorySweeps, PlainAccount

AT_ONCE = 10
"""Batches in one invocation, as the template has it (BatchSize)."""

PARAGRAPH = "<p>Public services change when people who use them and people who run them plan together.</p>\n"
HTML_BYTES = 30_000
"""An issue of some length; `publish` measures the longest, of 5,000 words, at 47,000."""

AWS_CALLS = {
    # Each is one item read, or written on a condition.
    "sends.get": "dynamodb", "sends.batch": "dynamodb", "sends.replace": "dynamodb", "evidence.accepted": "dynamodb",
    "sends.change": "dynamodb", "sends.pause": "dynamodb", "sends.add_batch": "dynamodb",
    "sends.finish_shard": "dynamodb", "sends.chain_planned": "dynamodb", "sends.count_through": "dynamodb",
    # One page each: a chain and a shard of such a list hold less than a megabyte.
    "sends.batches": "dynamodb", "audience.ids": "dynamodb",
    # One UpdateItem books room; the account's rate is asked once a minute, which no run is long enough to show.
    "rate.reserve": "dynamodb", "rate.slow_down": "dynamodb", "rate.place_in_line": "dynamodb",
    # One BatchGetItem takes up to a hundred keys, and nobody asks for more.
    "subscribers.get_many": "dynamodb",
    # One SendMessageBatch takes ten messages, and nobody sends more; one without any is not made.
    "queues.send": "sqs", "queues.settle": "sqs",
}  # fmt: skip
"""Port calls that are a call of AWS each. The rendered issue is read from S3 once, and kept while a worker lives; the
account is asked about once a minute. Calls to SES that hand somebody over are counted on the real client."""

SHARDS = 16
"""FanOutShards, as the template has it."""


UNDER_WAY = (BatchState.PLANNED, BatchState.CLAIMED)


@dataclass(frozen=True)
class Order:
    """What a worker is to do."""

    endpoint: str
    recipients: int
    rate: float
    """Of the account, recipients per second."""
    environments: int
    """Invocations side by side, ten batches each."""
    single: bool


@dataclass(frozen=True)
class Found:
    """What it took."""

    sent: int
    seconds: float
    cpu_seconds: float
    """Of this process: the job, the client, the fakes, no imports."""
    peak_rss_mb: float
    planning: dict[str, int]
    """Port calls of planning."""
    port_calls: dict[str, int]
    """Port calls of handing over."""
    ses_calls: int
    batches: list[int]
    """Of how many recipients each is."""


class Calls:
    """Counts the calls of ports; threads share it."""

    def __init__(self) -> None:
        self.by_name: Counter[str] = Counter()
        self._lock = threading.Lock()

    def note(self, name: str) -> None:
        """Count one call."""
        with self._lock:
            self.by_name[name] += 1


class Counted:
    """A port whose calls are counted under `<port>.<method>`."""

    def __init__(self, name: str, port: Any, calls: Calls) -> None:
        self._name, self._port, self._calls = name, port, calls

    def __getattr__(self, method: str) -> Any:
        """Return what the port has by this name, counted if it can be called."""
        found = getattr(self._port, method)
        if not callable(found):
            return found

        def call(*given: Any, **named: Any) -> Any:
            self._calls.note(f"{self._name}.{method}")
            return found(*given, **named)

        return call


class Readers(MemorySubscribers):
    """Made when they are asked for, as from a table: records in memory would count as the worker's."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._ids = sorted(an_id(number) for number in range(1, count + 1))

    def ids(self, shard: Shard, *, after: str, matching: AudienceExpression | None = None) -> Iterator[str]:  # noqa: ARG002
        """Yield the ids of a shard; everybody is in every part of the list."""
        return (who for who in self._ids if after < who < shard.bound)

    def get_many(self, subscriber_ids: Collection[str]) -> RecordsRead:
        """Return a reader for each id."""
        return RecordsRead({who: subscriber(int(who[2:], 16)) for who in subscriber_ids})


class SharedRate(MemoryRate):
    """One booking at a time, as DynamoDB writes an item."""

    _lock = threading.Lock()

    def reserve(self, recipient_count: int, *, now: datetime, latest: datetime) -> datetime | None:
        """Book room."""
        with self._lock:
            return super().reserve(recipient_count, now=now, latest=latest)

    def slow_down(self, start: datetime, *, calls: bool, now: datetime) -> Pace:
        """Lower the pace."""
        with self._lock:
            return super().slow_down(start, calls=calls, now=now)


@dataclass
class BatchQueue(MemoryQueues):
    """Batches in the order in which they are due."""

    due: list[tuple[datetime, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    empty: int = 0
    """How often nothing was to be queued, for which no call of AWS is made."""

    def send(self, slug: str, batch_names: Iterable[str], *, delay: int = 0) -> None:  # noqa: ARG002 - there is one send
        """Queue batches."""
        at, before = datetime.now(UTC) + timedelta(seconds=delay), len(self.due)
        with self.lock:
            for after in batch_names:
                heappush(self.due, (at, after))
            self.empty += len(self.due) == before

    def receive(self) -> list[str]:
        """Return up to ten batches that are due."""
        now = datetime.now(UTC)
        found: list[str] = []
        with self.lock:
            while self.due and self.due[0][0] <= now and len(found) < AT_ONCE:
                found.append(heappop(self.due)[1])
        return found


def work(order: Order) -> Found:
    """Send an issue to so many readers, and return what that took."""
    sends, queues, content, readers = MemorySends(), BatchQueue(), MemoryContent(), Readers(order.recipients)
    now = datetime.now(UTC)
    content.put_rendered(an_issue())
    sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=SHARDS, opened_at=now))
    planning, calls = _plan(order, sends, readers, queues), Calls()
    on_the_wire = WireCalls()
    client: Any = on_the_wire.counting(boto3.client)(
        "sesv2",
        endpoint_url=order.endpoint,
        region_name="eu-west-2",
        aws_access_key_id="bench",
        aws_secret_access_key="bench",  # noqa: S106 - of nobody
        config=ONE_ATTEMPT,
    )
    # No configuration set: what becomes of the mail is not looked at here.
    bulk, single = SesBulk(in_bulk(client), NEWSLETTER, ""), SesSingle(client, NEWSLETTER, "")
    parts = {
        "sends": sends, "evidence": MemoryEvidence(), "subscribers": readers, "content": content,
        "rate": SharedRate(per_second=order.rate, until=now), "queues": queues,
    }  # fmt: skip
    ports = SendPorts(
        **{name: cast("Any", Counted(name, port, calls)) for name, port in parts.items()},
        transport=single if order.single else bulk,
        single=single,
        clock=SystemClock(),
    )
    began, cpu = perf_counter(), process_time()
    with ThreadPoolExecutor(order.environments) as environments:
        list(environments.map(lambda _: _environment(sends, queues, ports), range(order.environments)))
    seconds, cpu = perf_counter() - began, process_time() - cpu
    ses_calls = sum(on_the_wire.take().values())
    sent = sum(outcome == "sent" for batch in sends.batches(SLUG) for outcome in batch.outcomes)
    batches = [len(batch.ids) for batch in sends.batches(SLUG) if batch.ids]
    return Found(sent, seconds, cpu, peak_rss_mb(), dict(planning.by_name), dict(calls.by_name), ses_calls, batches)


def _plan(order: Order, sends: MemorySends, readers: Readers, queues: BatchQueue) -> Calls:
    """Plan the send as functions/fan_out does, one shard after the other; return the port calls it took."""
    calls = Calls()
    account = PlainAccount(Allowance(per_second=order.rate, per_day=-1, left_today=-1))
    parts = {
        "sends": sends,
        "audience": readers,
        "queues": queues,
        "sending_account": account,
        "sweeps": MemorySweeps(sends),
    }
    ports: dict[str, Any] = {name: Counted(name, port, calls) for name, port in parts.items()}
    for shard in shards(SHARDS):
        fan_out(SLUG, shard.first, out_of_time=lambda: False, now=datetime.now(UTC), **ports)
    calls.by_name["queues.send"] -= queues.empty
    return calls


def _environment(sends: MemorySends, queues: BatchQueue, ports: SendPorts) -> None:
    """Take ten batches and hand them over side by side, again and again, as Lambda does with functions/send."""
    today = datetime.now(UTC).date()

    def hand_over(after: str) -> None:
        send_batch(SLUG, after, claim=uuid4().hex, ports=ports, links=LINKS, reply_to=NEWSLETTER.reply_to, today=today)

    while any(batch.state in UNDER_WAY for batch in list(sends.batch_items.values())):
        batches = queues.receive()
        if not batches:
            sleep(0.05)
            continue
        with ThreadPoolExecutor(len(batches)) as threads:
            list(threads.map(hand_over, batches))


def an_issue() -> RenderedIssue:
    """Return an issue of some length."""
    small = rendered()
    return rendered(html=PARAGRAPH * (HTML_BYTES // len(PARAGRAPH)) + small.html, text=PARAGRAPH * 60 + small.text)


if __name__ == "__main__":
    forget_account()
    print(json.dumps(asdict(work(Order(**json.loads(sys.argv[1]))))))
