"""Planning one shard of the audience as a chain of batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from newsletter.domain.batch import Batch, BatchState, split
from newsletter.domain.send import SendState
from newsletter.domain.shard import shards
from newsletter.errors import MalformedMessageError, UnknownSendError
from newsletter.ports import Audience, Queues, SendStore


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
    queues: Queues,
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
    if send.state is not SendState.OPEN or first in sends.finished_shards(slug):
        return Planned(0, finished=True)
    while True:
        after, waiting = shard.first, []
        for batch in sends.batches(slug, shard):
            after = batch.last
            if batch.state is BatchState.PLANNED:
                waiting.append(batch.after)
        queues.send(slug, waiting)
        groups = enumerate(split(audience.ids(shard, after=after)), start=1)
        planned = 0
        for planned, ids in groups:  # noqa: B007 - read after the loop
            if not sends.add_batch(Batch.of(slug, after, ids, now=now)):
                break  # another run of this shard was here first: continue behind it
            queues.send(slug, [after])
            after = ids[-1]
            if out_of_time():
                queues.plan(slug, [shard])
                return Planned(planned, finished=False)
        else:
            sends.finish_shard(slug, shard)
            return Planned(planned, finished=True)
