"""Somebody repairs what is on record about a send: looks first, and rebuilds then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsletter.core.audience.part_of_list import PartOfList
from newsletter.errors import UnknownSendError
from newsletter.sending.domain.batch import Batch
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.repair import REBUILT, KnownElsewhere, rebuilt_batch, rebuilt_header
from newsletter.sending.domain.send import REHEARSAL, PausedBy
from newsletter.sending.repair_ports import RepairPorts


@dataclass(frozen=True, slots=True)
class Repair:
    """What is wrong with the record of a send, and what is done about it."""

    header: bool
    """Whether the header is rebuilt."""
    batches: tuple[str, ...]
    """Names of batches that are rebuilt."""
    unknown: int
    """How many readers in them nobody knows anything about: `settle` waits for evidence."""
    lost: tuple[str, ...]
    """Names of batches of which nobody knows any more who is in them."""
    readers: tuple[str, ...]
    """Ids of readers whose own records could not be read when their turn came."""
    applied: bool


def repair_send(slug: str, *, apply: bool, ports: RepairPorts, shard_count: int, now: datetime) -> Repair:
    """Find what cannot be read, and rebuild it if that is asked for; an open send is held before.

    Args:
        slug: The send.
        apply: Whether anything is written.
        ports: What repairing touches.
        shard_count: Of new sends, as the settings have it.
        now: The moment.

    Raises:
        UnknownSendError: Nothing is on record of such a send.
    """
    found = list(ports.remnants.batches(slug))
    remains = ports.remnants.header(slug)
    if remains is not None and not remains.fields and not found:
        raise UnknownSendError(f"there is no send of {slug}; it begins when its slot comes")
    whole = [batch for _, batch in found if isinstance(batch, Batch)]
    readers = tuple(one for batch in whole for one in batch.with_outcome(Outcome.UNREADABLE))
    rebuilt, lost = [], []
    for name, left in found:
        if not isinstance(left, Batch):
            accepted, meanings = ports.evidence.accepted(slug, name), ports.remnants.meanings
            batch = rebuilt_batch(slug, name, left, accepted, meanings=meanings, now=now)
            rebuilt += [batch] if batch else []
            lost += [] if batch else [name]
    if apply and (rebuilt or remains is not None):
        if remains is None:
            ports.sends.pause(slug, REBUILT, by=PausedBy.RECORD, now=now)
        for batch in rebuilt:
            ports.remnants.put_batch(batch)
        if remains is not None:
            known = _known(slug, [*whole, *rebuilt], [name for name, _ in found], ports, shard_count, now)
            ports.remnants.put_header(rebuilt_header(slug, remains, known, now=now))
    return Repair(
        header=remains is not None,
        batches=tuple(batch.after for batch in rebuilt),
        unknown=sum(len(batch.in_doubt) for batch in rebuilt),
        lost=tuple(lost),
        readers=readers,
        applied=apply,
    )


def _known(
    slug: str, batches: list[Batch], names: list[str], ports: RepairPorts, shard_count: int, now: datetime
) -> KnownElsewhere:
    record = ports.issues.get(slug.partition(REHEARSAL)[0])
    first_touch = min([batch.touched_at for batch in batches], default=now)
    return KnownElsewhere(
        content_hash=(record.sent_hash or record.content_hash) if record else "",
        goes_to=ports.readers_of(record, first_touch) if record else PartOfList(),
        first_touch=first_touch,
        newest_round=max([batch.round for batch in batches], default=1),
        names=names,
        shard_count=shard_count,
    )
