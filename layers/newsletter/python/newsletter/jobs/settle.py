"""Looking after an open send: resolve doubts by evidence, wake what got stuck, close the books."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from newsletter.domain.batch import Batch, BatchState
from newsletter.domain.books import Books, tally
from newsletter.domain.issue import IssueStatus
from newsletter.domain.send import Send, SendState
from newsletter.domain.shard import shards
from newsletter.errors import UnknownSendError
from newsletter.ports import SettlePorts

STUCK_AFTER = timedelta(minutes=30)
"""A send of which nothing was touched for so long has lost messages; the queue's own redelivery is faster."""


def settle(slug: str, *, ports: SettlePorts, grace: timedelta, now: datetime) -> tuple[Send, Books]:
    """Look once at a send; close it when everybody in it is accounted for.

    Returns:
        The send as it stands after this look, and its books at this moment.

    Raises:
        UnknownSendError: There is no such send.
    """
    send = ports.sends.get(slug)
    if send is None:
        raise UnknownSendError(f"no send of issue {slug}; the settle message is not one of ours")
    if send.state is SendState.CLOSED:
        _announce(send, ports)  # again, in case the first look was cut off behind the closing
        return send, send.books or Books(0)
    missing = _shards_to_plan(send, ports, now)
    look = _Look(last_touched=send.opened_at)
    books = tally(_resolved(send, look, ports, grace, now))
    if send.state is SendState.OPEN:
        ports.queues.send(send.slug, look.resolved)
        if look.waiting and now - look.last_touched >= STUCK_AFTER:
            ports.queues.send(send.slug, look.waiting)
    if missing or not books.balanced or send.state is not SendState.OPEN:
        return send, books
    ports.sends.close(send, books, now=now)
    closed = ports.sends.get(slug) or send
    _announce(closed, ports)
    return closed, books


@dataclass
class _Look:
    """What one look at all batches notices."""

    last_touched: datetime
    """As long as any batch was touched lately, work flows, and the others merely wait for their turn."""
    resolved: list[str] = field(default_factory=list)
    """Batches whose doubts were resolved just now, and in which somebody waits again."""
    waiting: list[str] = field(default_factory=list)
    """Batches that should have a message in the queue."""


def _shards_to_plan(send: Send, ports: SettlePorts, now: datetime) -> bool:
    finished = ports.sends.finished_shards(send.slug)
    missing = [shard for shard in shards(send.shards) if shard.first not in finished]
    if missing and send.state is SendState.OPEN and now - send.opened_at >= STUCK_AFTER:
        ports.queues.plan(send.slug, missing)
    return bool(missing)


def _resolved(send: Send, look: _Look, ports: SettlePorts, grace: timedelta, now: datetime) -> Iterator[Batch]:
    """Yield every batch as it stands after this look."""
    for seen in ports.sends.batches(send.slug):
        batch = seen
        look.last_touched = max(look.last_touched, seen.touched_at)
        resolved = None
        if batch.in_doubt:
            resolved = batch.resolved(ports.sends.evidence(send.slug, batch.after), now=now, grace=grace)
        if resolved is not None and ports.sends.replace(batch, resolved):
            batch = resolved
            if batch.state is BatchState.PLANNED:
                look.resolved.append(batch.after)
        elif batch.state is BatchState.PLANNED:
            look.waiting.append(batch.after)
        yield batch


def _announce(send: Send, ports: SettlePorts) -> None:
    """Tell the editors, then the issue's record: as long as the record says sending, the report is owed."""
    record = ports.issues.get(send.slug)
    if send.state is not SendState.CLOSED or record is None or record.status is not IssueStatus.SENDING:
        return
    mail = ports.mails.mail("editors_send_closed", slug=send.slug, title=record.title, books=send.books)
    ports.mailer.send(ports.editor_email, mail, kind="editors")
    ports.issues.set_status(send.slug, IssueStatus.SENT, sent_at=send.closed_at)
    ports.queues.refresh_archive(send.slug)
