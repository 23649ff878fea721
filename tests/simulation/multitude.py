"""A list of any size, planned and mailed in memory; what would be asked of AWS is counted."""

from __future__ import annotations

import tracemalloc
from collections import Counter, deque
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from newsletter.core.audience.expression import AudienceExpression
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.readers.domain.shard import PARTITIONS, Shard, shards
from newsletter.readers.domain.subscriber import Subscriber
from newsletter.readers.records_read import RecordsRead
from newsletter.sending.domain.answer import Answer
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.quota import Allowance
from newsletter.sending.domain.send import Recipient, Send
from newsletter.sending.jobs.fan_out import fan_out
from newsletter.sending.jobs.send_batch import send_batch
from newsletter.sending.ports import SendPorts
from tests.core.fakes import NOW, VirtualClock
from tests.factories import LINKS, SLUG, record, rendered, subscriber
from tests.feedback.fakes import MemoryEvidence
from tests.issues.fakes import MemoryContent
from tests.readers.fakes import MemorySubscribers
from tests.sending.fakes import MemoryQueues, MemoryRate, MemorySends, MemorySweeps, PlainAccount

RATE = 1_000_000
"""Recipients a second, where batches are as large as can be."""

BATCHES_A_RUN = 50
"""After so many batches a planner hands over, as it does on Lambda when its time runs out. The next one queues again
what still waits, so shorter runs cost more messages."""

PERSON = partial(
    Subscriber,
    **{name: getattr(subscriber(), name) for name in ("email", "status", "signed_up_at", "confirmed_at", "name")},
)
"""What makes one of them: it takes half the time of changing another, a million times."""

ACCOUNT = PlainAccount(Allowance(per_second=RATE, per_day=-1, left_today=-1))


def _over(left: Iterator[int]) -> bool:
    return next(left, None) is None


class Multitude(MemorySubscribers):
    """People who are made when they are asked for: nobody holds the list."""

    def __init__(self, people: int, calls: Counter[str]) -> None:
        super().__init__()
        self.people, self.step = people, 16**32 // people
        self.read, self.calls = 0, calls

    def number_of(self, subscriber_id: str) -> int:
        """Return which of them this is."""
        return int(subscriber_id, 16) // self.step

    def ids(self, shard: Shard, *, after: str, matching: AudienceExpression | None = None) -> Iterator[str]:
        assert matching is None  # all of them are alike
        # A shard's own first characters sort before all of its ids.
        start = -(-int(after.ljust(32, "0"), 16) // self.step)
        for number in range(start, self.people):
            who = f"{number * self.step:032x}"
            if who >= shard.bound:
                return
            if who > after:
                self.read += 1
                yield who

    def size(self, *, matching: AudienceExpression | None = None, partitions: int = PARTITIONS) -> int:
        assert matching is None
        return self.people * partitions // PARTITIONS

    def get_many(self, subscriber_ids: Collection[str]) -> RecordsRead:
        self.calls["dynamodb"] += 1
        return RecordsRead({who: PERSON(subscriber_id=who) for who in subscriber_ids})


COUNTED = {"get", "batch", "replace", "add_batch", "change", "finish_shard", "chain_planned", "count_through"}
"""Of the store of sends: each is one call of DynamoDB's."""


class CountedSends(MemorySends):
    """The store of sends, each call counted once, as DynamoDB would be asked."""

    def __init__(self, calls: Counter[str]) -> None:
        super().__init__()
        self.calls = calls

    def __getattribute__(self, name: str) -> Any:
        if name in COUNTED:
            object.__getattribute__(self, "calls")["dynamodb"] += 1
        return super().__getattribute__(name)

    def batches(self, slug: str, shard: Shard | None = None, *, round_number: int = 1) -> Iterator[Any]:
        """Follow the chain: sorting a million each time would be the test's own cost."""
        self.calls["dynamodb"] += 1
        if shard and round_number != 1:
            return
        for each in [shard] if shard else shards(self.headers[slug].shards):
            found = self.batch_items.get((slug, each.first))
            while found is not None:
                yield found
                found = None if found.is_end else self.batch_items.get((slug, found.last))


class CountedEvidence(MemoryEvidence):
    """The store of evidence, each question counted once."""

    def __init__(self, calls: Counter[str]) -> None:
        super().__init__()
        self.calls = calls

    def accepted(self, slug: str, after: str) -> frozenset[str]:
        self.calls["dynamodb"] += 1
        return super().accepted(slug, after)


class Everybody:
    """SES takes all, and remembers how often, one byte each."""

    entries = 50

    def __init__(self, people: Multitude) -> None:
        self.accepted = bytearray(people.people)
        self.people, self.calls = people, people.calls

    def send(self, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
        self.calls["ses"] += 1
        for recipient in recipients:
            self.accepted[self.people.number_of(recipient.subscriber_id)] += 1
        return [Outcome.SENT] * len(recipients)


class CountedQueues(MemoryQueues):
    """SQS takes ten messages a call."""

    def __init__(self, calls: Counter[str]) -> None:
        super().__init__()
        self.calls = calls

    def send(self, slug: str, batches: Any, *, delay: int = 0) -> None:
        names = list(batches)
        self.calls["sqs"] += -(-len(names) // 10)
        super().send(slug, names, delay=delay)


def plan(sends: CountedSends, people: Multitude, queues: CountedQueues) -> tuple[int, int]:
    """Plan every shard in short runs; return how many runs, and the most that one of them held, in bytes."""
    waiting, runs, most = deque(shard.first for shard in shards(16)), 0, 0
    tracemalloc.start()
    try:
        while waiting:
            first, left = waiting.popleft(), iter(range(BATCHES_A_RUN - 1))
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            done = fan_out(
                SLUG, first, sends=sends, audience=people, sending_account=ACCOUNT, queues=queues,
                sweeps=MemorySweeps(sends),
                out_of_time=partial(_over, left), now=NOW,
            )  # fmt: skip
            most, runs = max(most, tracemalloc.get_traced_memory()[1] - before), runs + 1
            assert done.batches <= BATCHES_A_RUN
            waiting += [shard for _, shard in queues.plans]
            queues.plans.clear()
    finally:
        tracemalloc.stop()
    return runs, most


def mail(sends: CountedSends, people: Multitude, queues: CountedQueues) -> tuple[Everybody, timedelta]:
    """Hand over every batch that is queued; return what SES got, and how long it took by its own clock."""
    transport, content, clock = Everybody(people), MemoryContent(), VirtualClock()
    content.put_rendered(rendered())
    ports = SendPorts(
        sends=sends, evidence=CountedEvidence(sends.calls), subscribers=people, content=content, transport=transport,
        single=transport, rate=MemoryRate(per_second=RATE), queues=queues, clock=clock,
    )  # fmt: skip
    todo, queues.batches = deque(queues.batches), []
    while todo:
        _, after, _ = todo.popleft()
        send_batch(
            SLUG, after, claim=after, ports=ports, links=LINKS, reply_to="editors@example.org", today=record().date
        )
        todo += queues.batches
        queues.batches.clear()
    return transport, clock.now() - NOW


def opened(calls: Counter[str]) -> CountedSends:
    """Return a store with the header of a send."""
    sends = CountedSends(calls)
    sends.open(Send(slug=SLUG, content_hash=rendered().content_hash, shards=16, opened_at=NOW))
    return sends
