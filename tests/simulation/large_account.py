"""A send of an account that takes thousands of recipients a second, in virtual time.

Planners, workers and the reader of SES's reports are the real jobs with the real adapters of sends, evidence and rate.
DynamoDB gives each partition key what AWS says it does (`dynamo_partitions`), SES is the account of the simulator, and
a worker has the share of a processor that its memory buys.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any, cast

from botocore.exceptions import ClientError

from local.simulator.account import Account, Limits
from newsletter.aws.dynamo import BUSY
from newsletter.core.audience.expression import AudienceExpression
from newsletter.errors import StoreBusyError
from newsletter.feedback.adapters.dynamo_evidence import DynamoEvidence
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.readers.domain.shard import Shard, shards
from newsletter.readers.records_read import RecordsRead
from newsletter.sending.adapters.dynamo_rate import DynamoRate
from newsletter.sending.adapters.dynamo_sends import DynamoSends
from newsletter.sending.adapters.dynamo_usage import DynamoUsage
from newsletter.sending.domain.answer import Answer, Retry
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.quota import Allowance
from newsletter.sending.domain.send import Recipient, Send
from newsletter.sending.domain.usage import Usage
from newsletter.sending.jobs.fan_out import fan_out
from newsletter.sending.jobs.send_batch import send_batch
from newsletter.sending.ports import SendPorts
from tests.core.fakes import NOW
from tests.factories import LINKS, SLUG, record, rendered
from tests.issues.fakes import MemoryContent
from tests.readers.fakes import MemorySubscribers
from tests.sending.fakes import MemoryQueues, MemorySweeps, PlainAccount
from tests.simulation.dynamo_partitions import PartitionedDynamo
from tests.simulation.multitude import PERSON
from tests.simulation.virtual_threads import VirtualTime

DYNAMO, SQS = 0.004, 0.008
"""Seconds until an answer, for clients in the same region."""
NETWORK, ANSWER = (0.005, 0.02), (0.05, 0.45)
"""Seconds until a call is with SES, and until its answer: between a laptop's and what others measured for fifty."""
REPORTED = (0.5, 4.0)
"""Seconds until SES reports an acceptance, and it is read."""

AT_ONCE = 10
"""Messages of one invocation (BatchSize of the template)."""
PLANNERS = 2
"""MaximumConcurrency of the plan queue."""
PAGE_OF_IDS = 5_000
"""Of the index of the audience, in a megabyte."""

PROCESSOR, CPU_OF_A_THOUSAND = 0.47, 0.084
"""Of a worker with 832 MB, and what it needs of a processor: as `make bench` measures it. Units: seconds."""
PLANNER_CPU_OF_A_THOUSAND = 0.004 / 0.29
"""Seconds that planning takes with 512 MB."""


class PatientDynamo:
    """A client that asks again as botocore does: mode `standard`, four attempts (`PATIENT`)."""

    exceptions = PartitionedDynamo.exceptions

    def __init__(self, store: PartitionedDynamo, time: VirtualTime, random: Random) -> None:
        self._store, self._time, self._random = store, time, random

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if name == "get_paginator":
            return method

        def call(**asked: Any) -> Any:
            for attempt in range(4):
                try:
                    return method(**asked)
                except ClientError as busy:
                    if busy.response["Error"]["Code"] not in BUSY or attempt == 3:
                        raise
                    self._time.sleep(self._random.random() * 2**attempt)
            raise AssertionError

        return call


class Everybody(MemorySubscribers):
    """As many readers as there have to be, by number."""

    def __init__(self, people: int, time: VirtualTime) -> None:
        super().__init__()
        self.people, self.step, self.time = people, 16**32 // people, time

    def ids(self, shard: Shard, *, after: str, matching: AudienceExpression | None = None) -> Iterator[str]:  # noqa: ARG002
        first = -(-int(after.ljust(32, "0"), 16) // self.step)
        for number in range(first, self.people):
            one = f"{number * self.step:032x}"
            if one >= shard.bound:
                return
            if number % PAGE_OF_IDS == 0:
                self.time.sleep(0.02)
            if one > after:
                yield one

    def get_many(self, subscriber_ids: Collection[str]) -> RecordsRead:
        self.time.sleep(DYNAMO)
        return RecordsRead({one: PERSON(subscriber_id=one) for one in subscriber_ids})


@dataclass
class Fleet:
    """Everything that runs for one send."""

    rate: float
    workers: int
    people: int
    seed: int = 1
    partition_writes: float = 1_000.0
    one_partition: bool = False
    """Whether the send lies in one partition, as before there were several."""
    answer: tuple[float, float] = ANSWER
    slug: str = SLUG
    accepted: Counter[int] = field(default_factory=Counter)
    throttled: int = 0
    billed_seconds: float = 0.0
    """Of the workers, as Lambda bills them."""
    messages: int = 0
    """That workers put back, or planners wrote."""
    reports_late: int = 0
    """Writes of evidence that had to wait for their message to come back."""

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311 - chances
        self.time = VirtualTime()
        self.ses = Account(Limits(max_send_rate=self.rate, max_24_hour_send=-1))
        self.dynamo = PartitionedDynamo(
            lambda: self.time.seconds, lambda: self.time.sleep(DYNAMO), writes=self.partition_writes
        )
        self.client = cast("Any", PatientDynamo(self.dynamo, self.time, self.random))
        self.sends = DynamoSends(self.client, "SendsTable")
        self.evidence = DynamoEvidence(self.client, "SendsTable")
        self.reported = DynamoEvidence(cast("Any", self.dynamo), "SendsTable")
        self.queue = BatchQueue(self.time)
        self.readers = Everybody(self.people, self.time)
        self.content = MemoryContent()
        self.content.put_rendered(rendered())
        self.plans = [shard.first for shard in shards(16)]
        self.claims = count()
        self.mailed = bytearray(self.people)
        """By number of the reader, how often SES took an email to them."""

    def run(self, seconds: float) -> Fleet:
        """Open the send, and let so much time pass."""
        DynamoSends(cast("Any", self.dynamo), "SendsTable").open(
            Send(slug=SLUG, content_hash=rendered().content_hash, shards=16, opened_at=NOW)
        )
        if self.one_partition:
            DynamoSends(cast("Any", self.dynamo), "SendsTable").spread(SLUG, 1)
        for _ in range(PLANNERS):
            self.time.start(self._plan)
        for _ in range(self.workers):
            self.time.start(Environment(self).work)
        self.time.run(seconds)
        return self

    def used(self, first: int, last: int) -> float:
        """Return the share of the account's rate that was used from one second to another."""
        return sum(self.accepted[second] for second in range(first, last)) / ((last - first) * self.rate)

    @property
    def written_per_second(self) -> dict[str, float]:
        """Return the units that were written to each partition key in a second, on the average."""
        units = self.dynamo.units.items()
        return {key: count / self.time.seconds for (_, key, what), count in units if what == "written"}

    def _plan(self) -> None:
        account = PlainAccount(Allowance(per_second=self.rate, per_day=-1, left_today=-1))
        sends = PlannedSends(self.client, "SendsTable")
        sends.time = self.time
        while self.plans:
            shard = self.plans.pop(0)
            try:
                fan_out(
                    SLUG, shard, sends=sends, audience=self.readers, sending_account=account, queues=self.queue,
                    sweeps=MemorySweeps(cast("Any", sends)), out_of_time=lambda: False, now=self.time.now(),
                )  # fmt: skip
            except StoreBusyError:
                self.plans.append(shard)
                self.time.sleep(60)  # its message comes back, after twelve minutes in truth

    def report(self, part: str, ids: Sequence[str]) -> None:
        """Write evidence as the function `feedback` does; if the store is busy, the message comes back."""
        try:
            self.reported.add(SLUG, part, ids)
        except StoreBusyError:
            self.reports_late += 1
            self.time.later(self.random.uniform(5, 30), lambda: self.report(part, ids))


class PlannedSends(DynamoSends):
    """With what planning takes of a processor."""

    time: VirtualTime

    def add_batch(self, batch: Any) -> bool:
        self.time.sleep(PLANNER_CPU_OF_A_THOUSAND * len(batch.ids) / 1000)
        return super().add_batch(batch)


class BatchQueue(MemoryQueues):
    """Messages in the order in which they are due."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self.time, self.numbers = time, count()
        self.due: list[tuple[float, int, str]] = []

    def send(self, slug: str, batch_names: Iterable[str], *, delay: int = 0) -> None:  # noqa: ARG002 - there is one
        if names := list(batch_names):
            self.time.sleep(SQS)
            for name in names:
                heapq.heappush(self.due, (self.time.seconds + delay, next(self.numbers), name))

    def receive(self) -> list[str]:
        found: list[str] = []
        while self.due and self.due[0][0] <= self.time.seconds and len(found) < AT_ONCE:
            found.append(heapq.heappop(self.due)[2])
        return found


class Environment:
    """One execution environment of the function `send`: ten messages at a time, and a share of a processor."""

    entries = 50

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.busy_until = 0.0
        rate = DynamoRate(fleet.client, "LimitsTable", account_rate=lambda: fleet.rate)
        rate._turn = fleet.time.lock()
        self.ports = SendPorts(
            sends=fleet.sends, evidence=fleet.evidence, subscribers=fleet.readers, content=fleet.content,
            transport=self, single=self, rate=rate, queues=fleet.queue, clock=cast("Any", fleet.time),
        )  # fmt: skip
        self.usage = DynamoUsage(fleet.client, "SendsTable")

    def work(self) -> None:
        """Take messages, again and again."""
        time = self.fleet.time
        time.sleep(self.fleet.random.random() / 10)
        while True:
            names = self.fleet.queue.receive()
            if not names:
                time.sleep(0.05)
                continue
            began, left = time.seconds, list(names)
            for name in names:
                time.start(self._hand_over(name, left))
            while left:
                time.sleep(0.01)
            self.usage.add(SLUG, "send", Usage({"ses SendBulkEmail": 1}, {"Lambda": 1.0}))
            self.fleet.billed_seconds += time.seconds - began
            time.sleep(SQS)

    def _hand_over(self, name: str, left: list[str]) -> Callable[[], None]:
        def hand_over() -> None:
            try:
                send_batch(
                    SLUG, name, claim=str(next(self.fleet.claims)), ports=self.ports, links=LINKS,
                    reply_to="editors@example.org", today=record().date,
                )  # fmt: skip
            except StoreBusyError:
                self.fleet.time.later(120, lambda: self.fleet.queue.send(SLUG, [name]))  # after its visibility timeout
            finally:
                left.remove(name)

        return hand_over

    def send(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:  # noqa: ARG002
        """Hand over to SES, once the processor has made the call."""
        fleet, time = self.fleet, self.fleet.time
        self.busy_until = max(time.seconds, self.busy_until) + CPU_OF_A_THOUSAND * len(recipients) / 1000 / PROCESSOR
        time.sleep(self.busy_until - time.seconds + fleet.random.uniform(*NETWORK))
        now = time.now()
        taken = [fleet.ses.take_rate(1, now) for _ in recipients]
        fleet.accepted[int(time.seconds)] += sum(taken)
        fleet.throttled += len(taken) - sum(taken)
        ids = [one.subscriber_id for one, is_taken in zip(recipients, taken, strict=True) if is_taken]
        for one in ids:
            self.fleet.mailed[int(one, 16) // fleet.readers.step] += 1
        part = recipients[0].tags["batch"]
        for half in (ids[::2], ids[1::2]):
            if half:
                time.later(fleet.random.uniform(*REPORTED), lambda half=half: fleet.report(part, half))  # type: ignore[misc]
        time.sleep(fleet.random.uniform(*fleet.answer))
        return [Outcome.SENT if is_taken else Retry.OVER_RATE for is_taken in taken]
