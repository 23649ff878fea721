"""Looking after an open send: resolve doubts by evidence, wake what got stuck, close the books."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from newsletter.domain.batch import Batch, BatchState
from newsletter.domain.books import Books, tally
from newsletter.domain.issue import IssueStatus
from newsletter.domain.send import Send, SendState
from newsletter.domain.shard import shards
from newsletter.errors import UnknownSendError
from newsletter.ports import SettlePorts

STUCK_AFTER = timedelta(minutes=30)
"""A planned batch or shard untouched for so long has lost its message; the queue's own redelivery is faster."""


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
    books = tally(_looked_after(send, ports, grace, now))
    if missing or not books.balanced or send.state is not SendState.OPEN:
        return send, books
    if ports.sends.close(slug, books, now=now):
        closed = ports.sends.get(slug) or send
        _announce(closed, ports)
        _tell_editors(closed, books, ports)
        return closed, books
    return send, books


def _shards_to_plan(send: Send, ports: SettlePorts, now: datetime) -> bool:
    finished = ports.sends.finished_shards(send.slug)
    missing = [shard for shard in shards(send.shards) if shard.first not in finished]
    if missing and send.state is SendState.OPEN and now - send.opened_at >= STUCK_AFTER:
        ports.queues.plan(send.slug, missing)
    return bool(missing)


def _looked_after(send: Send, ports: SettlePorts, grace: timedelta, now: datetime) -> Iterator[Batch]:
    """Yield every batch as it stands after this look."""
    for seen in ports.sends.batches(send.slug):
        batch = seen
        if batch.in_doubt:
            accepted = ports.sends.evidence(send.slug, batch.after)
            resolved = batch.resolved(accepted, now=now, grace=grace)
            if resolved is not None and ports.sends.replace(batch, resolved):
                batch = resolved
                if batch.state is BatchState.PLANNED and send.state is SendState.OPEN:
                    ports.queues.send(send.slug, [batch.after])
        elif (
            batch.state is BatchState.PLANNED and send.state is SendState.OPEN and now - batch.touched_at >= STUCK_AFTER
        ):
            ports.queues.send(send.slug, [batch.after])
        yield batch


def _announce(send: Send, ports: SettlePorts) -> None:
    record = ports.issues.get(send.slug)
    if record is not None and record.status is IssueStatus.SENDING:
        ports.issues.set_status(send.slug, IssueStatus.SENT, sent_at=send.closed_at)
        ports.queues.refresh_archive()


def _tell_editors(send: Send, books: Books, ports: SettlePorts) -> None:
    record = ports.issues.get(send.slug)
    mail = ports.mails.mail(
        "editors_send_closed", slug=send.slug, title=record.title if record else send.slug, books=books
    )
    ports.mailer.send(ports.editor_email, mail, kind="editors")
