"""Looking after an open send: resolve doubts by evidence, wake what got stuck, close the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from newsletter.errors import (
    AccountUnknownError,
    StoreBusyError,
    TransientError,
    UnknownSendError,
    UnreadableBatchError,
)
from newsletter.issues.domain.issue import IssueStatus
from newsletter.readers.domain.shard import EVERYBODY, Shard, shard_of, shards
from newsletter.sending.audience_size import audience_size, tell_if_far_off
from newsletter.sending.domain.batch import CLAIM_LEASE, SWEEP_ROUND, Batch, BatchState, batch_of_part, name_in_round
from newsletter.sending.domain.books import Books, Tally, tally
from newsletter.sending.domain.forecast import forecast
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.pause_end import may_resume
from newsletter.sending.domain.probe import EvidenceRead, clocks_apart
from newsletter.sending.domain.send import PausedBy, Send, SendState
from newsletter.sending.hold_unreadable import RESTORE
from newsletter.sending.ports import SettlePorts
from newsletter.sending.probe_ses import UNDECIDED, decides_after, look_after_doubts, outage_is_over
from newsletter.sending.read_evidence import read_evidence
from newsletter.sending.readers_of_issue import readers_of_send
from newsletter.sending.settle_news import with_editors_informed, with_editors_informed_of_doubts

STUCK_AFTER = timedelta(minutes=3)
"""A send of which nothing was touched for so long has lost messages: longer than any worker lives. Whoever is woken
without need looks once and ends."""

CUT_OFF_AFTER = timedelta(seconds=20)
"""Whoever resumes a send wakes its planners in the same breath; so long after, they were cut off."""


def settle(slug: str, *, ports: SettlePorts, grace: timedelta, hold: bool = False, now: datetime) -> tuple[Send, Books]:
    """Look once at a send; close it when everybody in it is accounted for.

    Args:
        slug: The name of the send.
        ports: What settling touches.
        grace: How long evidence has to arrive.
        hold: Whether a recipient without evidence has failed, rather than being planned again.
        now: The moment of this look.

    Returns:
        The send as it stands after this look, and its books at this moment; empty books of a send that is held
        because something of it cannot be read.

    Raises:
        UnknownSendError: There is no such send.
        UnreadableBatchError: Something of a send that is being cancelled cannot be read.
    """
    send = ports.sends.get(slug)
    if send is None:
        raise UnknownSendError(f"no send of issue {slug}; the settle message is not one of ours")
    if send.state is SendState.CLOSED:
        _announce(send, ports)  # again, in case the first look was cut off behind the closing
        return send, send.books or Books(0)
    if send.unreadable:
        return with_editors_informed(send, ports, now), Books(0)  # nothing else can be done before it is repaired
    send = _resumed(_foreseen(send, ports, now), ports, now)
    try:
        books = _looked_at(send, ports, grace=grace, hold=hold, now=now)
    except UnreadableBatchError as unreadable:
        ports.sends.pause(slug, f"{unreadable} {RESTORE}", by=PausedBy.RECORD, now=now)
        if with_editors_informed(ports.sends.get(slug) or send, ports, now).state is SendState.PAUSED:
            return ports.sends.get(slug) or send, Books(0)
        raise  # one that is being cancelled cannot be held: the dead letters say so
    # The mail comes last: what SES does not take keeps no doubt from being resolved.
    send = with_editors_informed(ports.sends.get(slug) or send, ports, now)
    send = with_editors_informed_of_doubts(send, ports, now)
    return send, send.books or books


def _looked_at(send: Send, ports: SettlePorts, *, grace: timedelta, hold: bool, now: datetime) -> Books:
    """Resolve, wake and cancel what can be, close the books if they balance, and return them as they stand."""
    if send.state is SendState.OPEN and send.planners_due and now - _moved_at(send) >= CUT_OFF_AFTER:
        _wake_planners(send, shards(send.shards), ports)
    missing = _unfinished(send, ports, now)
    reading = read_evidence(send, ports, grace=grace, now=now)
    look = _Look(send, ports, reading, grace, hold or send.state is SendState.CANCELLING, now)
    books = look.count()
    if send.state is SendState.OPEN:
        ports.queues.send(send.slug, look.resolved)
        if look.waiting and look.stands_still:
            ports.queues.send(send.slug, look.waiting)
    if not missing and books.balanced and _holds_nobody(send, ports):
        ports.sends.resume(send.slug, paused_by=PausedBy.PERSON, now=now)
        send = ports.sends.get(send.slug) or send
    if missing or not books.balanced or send.state is SendState.PAUSED:
        if look.doubted or not look.resolved:  # else the next look comes soon, and may be the last
            look_after_doubts(send, look.doubted, reading, ports, grace=grace, hold=look.hold, now=now)
        return books
    # Sums save the looks between; the books themselves are counted from the outcomes, all of them, once more.
    books = tally(ports.sends.batches(send.slug))
    if books.balanced:
        ports.sends.close(send, books, now=now)
    else:
        # A batch is not what it was when its shard was summed up: it was put back from a backup.
        ports.sends.change(send.slug, Send.to_be_counted_again)
    _announce(ports.sends.get(send.slug) or send, ports)
    return books


def _holds_nobody(send: Send, ports: SettlePorts) -> bool:
    """Return whether the send is held because its file was removed, which would keep open what is through for ever.

    Nobody waits in it, and until the file is back nobody can be sent to again.
    """
    by_person = send.state is SendState.PAUSED and send.paused_by is PausedBy.PERSON and send.preparing is None
    record = ports.issues.get(send.issue) if by_person else None
    return record is not None and record.withdrawn


def _foreseen(send: Send, ports: SettlePorts, now: datetime) -> Send:
    """Return the send with a forecast, made at the first look that can; nothing waits for it."""
    if send.forecast or send.reopened:
        return send
    try:
        recipients = audience_size(send, ports)
        expected = forecast(recipients, ports.account.allowance())
    except TransientError:
        return send
    if readers_of_send(send).expression is None:
        ports.audience_count.keep(recipients, now=now)
    waits = ports.first_wave_wait
    foreseen = ports.sends.change(send.slug, lambda header: header.foreseen(expected, waits=waits))
    if foreseen is not None:
        tell_if_far_off(foreseen, recipients, ports)
    return foreseen or send


def _resumed(send: Send, ports: SettlePorts, now: datetime) -> Send:
    """Return the send, open again if what held it is over."""
    if send.state is not SendState.PAUSED or send.resume_at is None:
        return send  # not held, or by something that a person ends
    if send.paused_by is PausedBy.OUTAGE:
        over = outage_is_over(send, ports, now=now)
        return _opened_again(send, ports, now) if over else ports.sends.get(send.slug) or send
    try:
        account = ports.account.read()
    except AccountUnknownError:
        return send  # the next look asks again; doubts are resolved meanwhile
    return _opened_again(send, ports, now) if may_resume(send, account, now=now) else send


def _opened_again(send: Send, ports: SettlePorts, now: datetime) -> Send:
    if not ports.sends.resume(send.slug, paused_by=send.paused_by, now=now):
        return send
    send = ports.sends.get(send.slug) or send
    _wake_planners(send, shards(send.shards), ports)  # they queue what waits, side by side
    return ports.sends.get(send.slug) or send


def _unfinished(send: Send, ports: SettlePorts, now: datetime) -> bool:
    """Return whether a shard is not planned to its end; wake its planner, or end it if the send is cancelled."""
    finished = ports.sends.finished_shards(send.slug, round_number=send.round)
    missing = [shard for shard in shards(send.shards) if shard.first not in finished]
    if send.state is SendState.CANCELLING:
        for shard in missing:
            _end(send, shard, ports, now)
        return False
    late = send.state is SendState.OPEN and now - _moved_at(send) >= STUCK_AFTER
    if missing and late:
        _wake_planners(send, missing, ports)
    return bool(missing) or _unswept(send, ports, wake=late)


def _unswept(send: Send, ports: SettlePorts, *, wake: bool) -> bool:
    """Return whether a part of the list was not compared with the audience yet."""
    through = ports.sweeps.finished_parts(send.slug) if send.sweep_parts else frozenset()
    missing = [part for part in send.sweep_parts if part not in through]
    if missing and wake:
        ports.queues.sweep(send.slug, missing)
    return bool(missing)


def _wake_planners(send: Send, missing: Sequence[Shard], ports: SettlePorts) -> None:
    """Wake the planners of these shards; those of an issue are woken by the page, which stands before a mail leaves."""
    if send.rehearsal_of:
        ports.queues.plan(send.slug, missing)
    else:
        ports.publish_queue.refresh_archive(send.slug, then_plan=True)
    if send.planners_due:
        ports.sends.change(send.slug, Send.with_planners_called)


def _end(send: Send, shard: Shard, ports: SettlePorts, now: datetime) -> None:
    """End the chain where it stands, against a planner who may still be at work."""
    ended = False
    while not ended:
        after = shard.first
        for batch in ports.sends.batches(send.slug, shard, round_number=send.round):
            after, ended = batch.last, batch.is_end
        if not ended:
            end = Batch.end(send.slug, name_in_round(send.round, after), now=now)
            ended = ports.sends.add_batch(end)
    ports.sends.finish_shard(send.slug, shard, round_number=send.round)


def _moved_at(send: Send) -> datetime:
    return max(send.opened_at, send.resumed_at or send.opened_at)


@dataclass
class _Look:
    """One look at the batches of a send; shards whose sums still hold are not read again."""

    send: Send
    ports: SettlePorts
    reading: EvidenceRead
    grace: timedelta
    hold: bool
    now: datetime
    doubted: list[Batch] = field(default_factory=list)
    """Batches with readers in doubt, also of workers that are probably dead."""
    resolved: list[str] = field(default_factory=list)
    """Batches whose doubts were resolved just now, and in which somebody waits again."""
    waiting: list[str] = field(default_factory=list)
    """Batches that should have a message in the queue."""

    def __post_init__(self) -> None:
        self._last_touched = _moved_at(self.send)

    @property
    def stands_still(self) -> bool:
        """As long as any batch was touched lately, work flows, and the others merely wait for their turn."""
        return self.now - self._last_touched >= STUCK_AFTER

    def count(self) -> Books:
        """Return the books at this moment, and remember those of shards that are through."""
        send, sends = self.send, self.ports.sends
        known = sends.sums(send)
        every_shard = shards(send.shards)
        tallies: dict[tuple[int, str], Tally] = {}
        for batch in self._batches(known):
            key = (batch.round, shard_of(batch.begins, every_shard).first)
            if key not in tallies:
                tallies[key] = Tally()
            tallies[key].add(self._settled(batch))
        counted = {key: each.books for key, each in tallies.items()}
        # While the send is held, outcomes may be opened again at any moment: such sums would not hold.
        if send.state is not SendState.PAUSED:
            self._remember(counted, every_shard)
        total = Tally()
        for books in (*known.values(), *counted.values()):
            total.add_books(books)
        return total.books

    def _batches(self, known: Collection[tuple[int, str]]) -> Iterator[Batch]:
        send, sends = self.send, self.ports.sends
        if not known:
            return sends.batches(send.slug)  # one query after the other, not one for each shard
        chains = [
            (number, shard)
            for number in range(1, send.round + 1)
            for shard in shards(send.shards)
            if (number, shard.first) not in known
        ]
        if send.sweep_parts:
            chains.append((SWEEP_ROUND, EVERYBODY))  # whoever the sweep found is in no chain; they are few
        return (batch for number, shard in chains for batch in sends.batches(send.slug, shard, round_number=number))

    def _remember(self, counted: Mapping[tuple[int, str], Books], every_shard: Sequence[Shard]) -> None:
        sends = self.ports.sends
        finished = sends.finished_shards(self.send.slug, round_number=self.send.round)
        for (number, first), books in counted.items():
            if books.balanced and number != SWEEP_ROUND and (number < self.send.round or first in finished):
                shard = shard_of(first, every_shard)
                sends.record_sums(self.send, shard, books, round_number=number)

    def _settled(self, batch: Batch) -> Batch:
        """Return the batch after this look: doubts resolved, or what nobody will send any more cancelled."""
        self._last_touched = max(self._last_touched, batch.touched_at)
        if batch.is_end:
            return batch
        after = self._next(batch)
        if after is not None and self.ports.sends.replace(batch, after):
            if difference := after.is_through - batch.is_through:
                self.ports.sends.count_through(batch.slug, difference)
            if batch.state is not BatchState.PLANNED or set(after.waiting) - set(batch.waiting):
                self.resolved += [after.after] if after.state is BatchState.PLANNED else []
            batch = self._proved_meanwhile(after)
        elif batch.state is BatchState.PLANNED:
            self.waiting.append(batch.after)
        living = batch.state is BatchState.CLAIMED and self.now - batch.touched_at < CLAIM_LEASE
        if batch.in_doubt and not living:
            self.doubted.append(batch)
        return batch

    def _proved_meanwhile(self, batch: Batch) -> Batch:
        """Return the batch as its evidence has it now: whoever read a report just before left it to this look."""
        if not batch.with_outcome(Outcome.UNPROVEN):
            return batch
        proved = batch.proved(self.ports.evidence.accepted(self.send.slug, batch.after), now=self.now)
        return proved if proved is not None and self.ports.sends.replace(batch, proved) else batch

    def _next(self, batch: Batch) -> Batch | None:
        evidence, slug, now = self.ports.evidence, self.send.slug, self.now
        if batch.in_doubt:
            accepted, grace = self._known_of(batch)
            resolved = batch.resolved(
                accepted, now=now, grace=grace, hold=self.hold, read_until=self.reading.until,
                apart=clocks_apart(self.grace), outage_ended_at=self.send.outage_ended_at,
            )  # fmt: skip
            if resolved is not None:
                return resolved
        elif batch.with_outcome(Outcome.UNPROVEN):
            proved = batch.proved(evidence.accepted(slug, batch.after), now=now)
            if proved is not None:
                return proved
        if self.send.state is SendState.CANCELLING and batch.state is BatchState.PLANNED:
            return batch.cancelled(evidence.accepted(slug, batch.after), now=now)
        return None

    def _known_of(self, batch: Batch) -> tuple[frozenset[str], timedelta]:
        """Return whom SES is known to have accepted, and after how long the policy decides about the others.

        Before it does, the second place of evidence is asked; as long as that does not answer, nothing is decided.
        """
        accepted = self.ports.evidence.accepted(batch.slug, batch.after)
        grace = decides_after(self.send, self.grace)
        if not batch.is_dead(now=self.now, grace=grace, outage_ended_at=self.send.outage_ended_at):
            return accepted, grace
        try:
            return accepted | self._archived[batch.after], grace
        except StoreBusyError:
            return accepted, UNDECIDED

    @cached_property
    def _archived(self) -> Mapping[str, frozenset[str]]:
        found: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
        for part, subscriber_id in self.ports.channel.archive.accepted(self.send.slug, self.send.opened_at):
            found[batch_of_part(part)] |= {subscriber_id}
        return found


def _hour_after(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _announce(send: Send, ports: SettlePorts) -> None:
    """Ask for the report, then tell the header and the issue's record: each as long as it does not say so itself."""
    if send.state is not SendState.CLOSED:
        return
    if not send.reported:
        if send.reports_mailed and send.closed_at:
            # SES took something back after the closing, perhaps a thousand times: one new report with the next hour,
            # since each reads the whole list.
            ports.due_reports.add(send.slug, due=_hour_after(send.closed_at))
        else:
            ports.report_queue.report(send.slug)
        ports.sends.change(send.slug, Send.with_report)
    record = ports.issues.get(send.slug)
    if record is not None and record.status in (IssueStatus.SENDING, IssueStatus.PAUSED):
        status = IssueStatus.CANCELLED if send.cancelled else IssueStatus.SENT
        ports.issues.set_status(send.slug, status, sent_at=record.sent_at or send.closed_at)
        ports.publish_queue.refresh_archive()
