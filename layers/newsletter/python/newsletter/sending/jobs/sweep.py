"""The sweep: once everybody is planned, whoever confirmed by the opening and is in no batch gets one of their own.

Planning follows the index of the audience, which shows a change some time after it was made: as a rule within a
second, and under a great load of writes within minutes. So the list itself is read, consistently, for whoever confirmed
or moved lately. They are few, and each is a batch of one reader: named by the reader's id, so that a sweep that runs
twice, or beside itself, plans nobody twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from newsletter.core.audience.expression import AudienceExpression
from newsletter.errors import UnknownSendError, UnreadableBatchError, UnreadableRecordError
from newsletter.readers.domain.shard import shards
from newsletter.readers.domain.subscriber import Subscriber
from newsletter.readers.part import is_in_part
from newsletter.sending.addressees import LATELY, moved_lately
from newsletter.sending.domain.batch import SWEEP_ROUND, Batch, BatchState, name_in_round
from newsletter.sending.domain.probe import CLOCKS_APART
from newsletter.sending.domain.send import Send, SendState
from newsletter.sending.hold_unreadable import hold_unreadable
from newsletter.sending.ports import SendQueues, SendStore
from newsletter.sending.readers_of_issue import readers_of_send
from newsletter.sending.sweep_ports import LatelyChanged, SweepStore


@dataclass(frozen=True, slots=True)
class Swept:
    """What came of one part of the list."""

    found: int
    """Readers whom the index had not shown when the audience was planned."""
    finished: bool


def sweep(
    slug: str,
    segment: int,
    *,
    sends: SendStore,
    sweeps: SweepStore,
    readers: LatelyChanged,
    queues: SendQueues,
    now: datetime,
) -> Swept:
    """Plan whoever is missing from the audience, in one part of the list; repeated, nothing is done twice.

    Raises:
        UnknownSendError: There is no such send.
    """
    send = sends.get(slug)
    if send is None:
        raise UnknownSendError(f"no send of issue {slug}; the message that asks for its sweep is not one of ours")
    if send.state is not SendState.OPEN or segment not in send.sweep_parts:
        return Swept(0, finished=True)
    if sends.finished_shards(slug, round_number=send.round) != {shard.first for shard in shards(send.shards)}:
        return Swept(0, finished=False)  # whoever ends the last shard asks again
    if segment in sweeps.finished_parts(slug):
        # Its readers are queued. A message that was put back from the dead letters would queue each of them once more.
        _settle_if_swept(send, sweeps, queues)
        return Swept(0, finished=True)
    lately = readers.changed_since(send.opened_at - LATELY, segment=segment, segments=len(send.sweep_parts))
    matching = readers_of_send(send).expression
    owed = [reader for reader in lately if _belongs(reader, send) and _is_in_part(reader, matching, readers)]
    try:
        places = _places({subscriber_id for reader in owed for subscriber_id in _ids(reader)}, send, sends)
    except UnreadableBatchError as unreadable:
        hold_unreadable(slug, unreadable, sends=sends, queues=queues, now=now)
        return Swept(0, finished=False)
    found, alone, waiting = 0, 0, []
    for reader in owed:
        placed = next((places[subscriber_id] for subscriber_id in _ids(reader) if subscriber_id in places), None)
        if placed is None:
            own = Batch.of(slug, name_in_round(SWEEP_ROUND, reader.subscriber_id), (reader.subscriber_id,), now=now)
            if sweeps.add_found(own, segment):
                found += 1
                alone += 1
                waiting.append(own.after)
        elif placed.round == SWEEP_ROUND:
            alone += 1
            if placed.state is BatchState.PLANNED:
                waiting.append(placed.after)  # an earlier run may have been cut off before it was queued
    queues.send(slug, waiting)
    sends.chain_planned(slug, name_in_round(SWEEP_ROUND, str(segment)), alone)
    sweeps.finish_part(slug, segment)
    _settle_if_swept(send, sweeps, queues)
    return Swept(found, finished=True)


def _settle_if_swept(send: Send, sweeps: SweepStore, queues: SendQueues) -> None:
    if sweeps.finished_parts(send.slug).issuperset(send.sweep_parts):
        queues.settle(send.slug)


def _belongs(reader: Subscriber, send: Send) -> bool:
    """Return whether the reader is owed this issue: on the list by the opening, with this address or another one.

    A signpost counts too. The new address may lie in a part of the list that was through before the reader moved.
    """
    if reader.moved_to:
        return True
    # The two moments come from two clocks. Whoever confirmed within the minutes after is welcome too.
    by_then = reader.confirmed_at is not None and reader.confirmed_at <= send.opened_at + CLOCKS_APART
    return reader.in_audience and (by_then or moved_lately(reader, send))


def _is_in_part(reader: Subscriber, matching: AudienceExpression | None, readers: LatelyChanged) -> bool:
    """Return whether the issue is for this reader; a signpost knows nothing of its reader, so their record is read."""
    if matching is None:
        return True
    try:
        present = readers.get(reader.moved_to) if reader.moved_to else reader
    except UnreadableRecordError:
        return False  # as whoever is read by the list itself
    return present is not None and is_in_part(present, matching)


def _ids(reader: Subscriber) -> tuple[str, ...]:
    """Return the ids under which the reader can have a place."""
    return tuple(filter(None, (reader.subscriber_id, *reader.came_from, reader.moved_to)))


def _places(subscriber_ids: Collection[str], send: Send, sends: SendStore) -> Mapping[str, Batch]:
    """Return the batches that hold these ids; read in one go, since all of a list may have been imported just now."""
    if not subscriber_ids:
        return {}
    return {one: batch for batch in sends.batches(send.slug) for one in batch.ids if one in subscriber_ids}
