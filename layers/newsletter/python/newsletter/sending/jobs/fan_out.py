"""Planning one shard of the audience as a chain of batches."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from newsletter.errors import MalformedMessageError, TransientError, UnknownSendError, UnreadableBatchError
from newsletter.readers.domain.shard import Shard, shards
from newsletter.readers.ports import Audience
from newsletter.sending.domain.batch import Batch, BatchState, name_in_round, rounds_to, split
from newsletter.sending.domain.pace import batch_size, partition_count
from newsletter.sending.domain.progress import Progress
from newsletter.sending.domain.send import Send, SendState
from newsletter.sending.hold_unreadable import hold_unreadable
from newsletter.sending.ports import SendQueues, SendStore
from newsletter.sending.readers_of_issue import readers_of_send
from newsletter.sending.ses_ports import SendingAccount
from newsletter.sending.sweep_ports import SweepStore

LEAST_RATE = 1.0
"""Recipients per second: what SES lets an account do in its sandbox. Batches are as small as can be then."""

MESSAGES_OF_ONE_CALL = 10
"""The queue takes ten messages at the price of one."""


@dataclass(frozen=True, slots=True)
class Planned:
    """How far the planning of a shard came."""

    batches: int
    finished: bool


def fan_out(
    slug: str,
    first: str,
    *,
    sends: SendStore,
    audience: Audience,
    sending_account: SendingAccount,
    queues: SendQueues,
    sweeps: SweepStore,
    out_of_time: Callable[[], bool],
    now: datetime,
) -> Planned:
    """Continue the shard after its last batch; queue what waits; hand over to a fresh run before time is up.

    Raises:
        UnknownSendError: There is no such send.
        MalformedMessageError: There is no such shard.
    """
    send = sends.get(slug)
    if send is None:
        raise UnknownSendError(f"no send of issue {slug}; the plan message is not one of ours")
    shard = next((each for each in shards(send.shards) if each.first == first), None)
    if shard is None:
        raise MalformedMessageError(f"the send of {slug} has no shard {first!r}")
    if send.state is not SendState.OPEN:
        return Planned(0, finished=True)
    rate = _rate(sending_account)
    size = batch_size(rate)
    chain = _Chain(send, shard, sends, queues)
    try:
        sends.spread(slug, partition_count(rate))
        return _plan(chain, size, audience, sweeps, out_of_time, now)
    except UnreadableBatchError as unreadable:
        hold_unreadable(slug, unreadable, sends=sends, queues=queues, now=now)
        return Planned(chain.planned, finished=False)


def _plan(
    chain: _Chain,
    size: int,
    audience: Audience,
    sweeps: SweepStore,
    out_of_time: Callable[[], bool],
    now: datetime,
) -> Planned:
    send, shard, queues = chain.send, chain.shard, chain.queues
    matching = readers_of_send(send).expression
    while True:
        after, ended = chain.queue_what_waits()
        if ended:
            _ask_for_sweep(send, chain.finish(), sweeps, queues)
            return Planned(chain.planned, finished=True)
        newcomers = _without(audience.ids(shard, after=after, matching=matching), chain.earlier_ids())
        for ids in split(newcomers, size):
            if not chain.add(after, ids, now=now):
                break  # another run of this shard was here first: continue behind it
            after = ids[-1]
            if out_of_time():
                chain.flush()
                queues.plan(send.slug, [shard])
                return Planned(chain.planned, finished=False)
        else:
            # The end is a batch like any other: of two runs one writes the next name, and nobody is added behind it.
            if chain.end(after, now=now):
                chain.flush()
                _ask_for_sweep(send, chain.finish(), sweeps, queues)
                return Planned(chain.planned, finished=True)
        chain.flush()


def _ask_for_sweep(send: Send, progress: Progress, sweeps: SweepStore, queues: SendQueues) -> None:
    """Have the list compared with what is planned, once the last shard is planned to its end."""
    if send.sweep_parts and progress.is_planned(send):
        through = sweeps.finished_parts(send.slug)
        queues.sweep(send.slug, [part for part in send.sweep_parts if part not in through])


def _rate(account: SendingAccount) -> float:
    """Return recipients per second; planning does not wait for SES, so the lowest rate if it does not say."""
    try:
        return account.allowance().per_second
    except TransientError:
        return LEAST_RATE


class _Chain:
    """The chain of one shard in the round that is planned, and what of it is queued already."""

    def __init__(self, send: Send, shard: Shard, sends: SendStore, queues: SendQueues) -> None:
        self.planned = 0
        self.send, self.shard, self.sends, self.queues = send, shard, sends, queues
        self._length = 0
        self._queued: set[str] = set()
        self._to_queue: list[str] = []

    def queue_what_waits(self) -> tuple[str, bool]:
        """Queue the planned batches of every round; return the id to go on after, and whether the chain has ended."""
        after, ended = self.shard.first, False
        for number in rounds_to(self.send.round):
            after, ended, self._length = self.shard.first, False, 0
            for batch in self.sends.batches(self.send.slug, self.shard, round_number=number):
                after, ended = batch.last, batch.is_end
                self._length += not batch.is_end
                if batch.state is BatchState.PLANNED:
                    self._queue(batch.after)
        self.flush()
        return after, ended

    def add(self, after: str, ids: tuple[str, ...], *, now: datetime) -> bool:
        """Write the next batch; False if somebody else wrote under its name."""
        batch = Batch.of(self.send.slug, name_in_round(self.send.round, after), ids, now=now)
        if not self.sends.add_batch(batch):
            return False
        self.planned += 1
        self._length += 1
        self._queue(batch.after)
        return True

    def end(self, after: str, *, now: datetime) -> bool:
        """Write the end; False if somebody else wrote under its name: the chain goes on behind that."""
        return self.sends.add_batch(Batch.end(self.send.slug, name_in_round(self.send.round, after), now=now))

    def finish(self) -> Progress:
        """Remember that the shard is planned to its end, and return how far the send is with it.

        Workers may have been faster: then nobody else asks settle.
        """
        send, first = self.send, self.shard.first
        self.sends.finish_shard(send.slug, self.shard, round_number=send.round)
        progress = self.sends.chain_planned(send.slug, name_in_round(send.round, first), self._length)
        if progress.is_complete(send):
            self.queues.settle(send.slug)
        return progress

    def earlier_ids(self) -> Iterator[str]:
        """Yield whoever is in an earlier round, in order."""
        rounds = [
            (
                subscriber_id
                for batch in self.sends.batches(self.send.slug, self.shard, round_number=number)
                for subscriber_id in batch.ids
            )
            for number in rounds_to(self.send.round - 1)
        ]
        return heapq.merge(*rounds)

    def flush(self) -> None:
        """Queue what is written and not queued yet. Cut off before, the next run finds it planned and queues it."""
        self.queues.send(self.send.slug, self._to_queue)
        self._to_queue = []

    def _queue(self, after: str) -> None:
        if after in self._queued:
            return
        self._queued.add(after)
        self._to_queue.append(after)
        if len(self._to_queue) == MESSAGES_OF_ONE_CALL:
            self.flush()


def _without(ids: Iterator[str], known: Iterator[str]) -> Iterator[str]:
    """Yield the ids that are not known; both come in order, and neither is held in memory."""
    other = next(known, None)
    for subscriber_id in ids:
        while other is not None and other < subscriber_id:
            other = next(known, None)
        if subscriber_id != other:
            yield subscriber_id
