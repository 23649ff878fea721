"""One batch to SES: wait for room, claim, ask who may be mailed, one attempt for each, record all in one write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from newsletter.core.links import Links
from newsletter.errors import UnknownSendError, UnreadableBatchError
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.sending.addressees import Addressees, addressees
from newsletter.sending.count_through import count_through
from newsletter.sending.domain.answer import ISSUE_REFUSED, OUTAGE, SLOWER, UNCLEAR, Answer, Pause, Retry
from newsletter.sending.domain.batch import CLAIM_LEASE, MOST_ATTEMPTS, Batch, BatchState, part_name
from newsletter.sending.domain.handed import BatchResult, Handed
from newsletter.sending.domain.language_group import of_one_language
from newsletter.sending.domain.mailable import reason_not_to_mail
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.pause_end import resume_at
from newsletter.sending.domain.send import PausedBy, Recipient, Send, SendState
from newsletter.sending.hold_unreadable import hold_unreadable
from newsletter.sending.ports import SendPorts
from newsletter.sending.recipient import recipient_in
from newsletter.sending.restored import RESTORED, looks_restored
from newsletter.sending.ses_ports import IssueTransport

CALL_LIMIT = timedelta(seconds=20)
"""The SES client gives up after this time; no call starts when the lease could end before its answer."""

BOOK_AHEAD = timedelta(seconds=5)
"""Nobody books further ahead, to the end of what is booked: it leaves at the old pace even when SES has just throttled.
Nor does anybody wait for longer with nothing in hand: a waiting worker costs money, a message in the queue none."""

BOOKING_SECONDS = 4
"""One booking takes up the account for so long at most, and the fewest it can: at the 14 a second of a new account that
is a batch of fifty, which leaves call by call while no other worker waits."""

ASK_AGAIN = BOOK_AHEAD / 2
"""A worker with a claim that found no room for the rest asks again before what is booked has left."""

SHORT_DELAY = 5
"""Seconds until a batch is looked at again in which SES throttled somebody."""

NO_ROOM_DELAY = 2
"""Least seconds until a batch that found no room is looked at again: shorter than what is booked by then
(`BOOK_AHEAD`), so the account is never idle. Where many wait, its place in the line says when."""

MOVER_DELAY = 60
"""Seconds until a batch is looked at again of which somebody is perhaps being mailed in another place."""

FRESH = timedelta(seconds=1)
"""What a worker knows of the send and of its readers is never older when a call leaves: then it asks again. As long as
SES answers quickly, what leaves on one booking (half a second's worth) needs no second question."""

LONG_AGO = datetime.min.replace(tzinfo=UTC)

READ_AT_ONCE = 100
"""Readers that DynamoDB gives in one call."""

WHOLE_ISSUE = 5
"""So many recipients refused in one call, and nobody accepted: it is the issue that SES refuses, not the readers."""

LIMITED_CALLS = (
    "SES throttled bulk calls three times although the recipients were far below the account's rate: it limits"
    " calls. Recipients are handed over one a call from now on. To begin like that, set SendMode to single."
)
REFUSED_IN_BULK = (
    "SES permits no bulk calls for these recipients, as in its sandbox, or for a sender below a verified domain."
    " Recipients are handed over one a call from now on."
)


def send_batch(
    slug: str, after: str, *, claim: str, ports: SendPorts, links: Links, reply_to: str, today: date
) -> Handed:
    """Hand the waiting recipients of a batch to SES.

    Messages may arrive twice and late: whoever fails to claim the batch has nothing to do. Nothing is sent twice
    here; an attempt without a clear answer leaves the recipients unknown, for settle to resolve.

    Raises:
        UnknownSendError: There is no such send or batch.
    """
    send = _seen(slug, ports)
    try:
        batch = ports.sends.batch(slug, after)
    except UnreadableBatchError as unreadable:
        hold_unreadable(slug, str(unreadable), sends=ports.sends, queues=ports.queues, now=ports.clock.now())
        return Handed(BatchResult.UNREADABLE)
    if send is None or batch is None:
        raise UnknownSendError(f"no batch {after!r} of issue {slug}; the message is not one of ours")
    if send.state is not SendState.OPEN:
        return Handed(BatchResult(f"send is {send.state}"), waiting=len(batch.waiting))
    if batch.state is not BatchState.PLANNED:
        return Handed(BatchResult(f"batch is {batch.state}"))
    # Whatever can fail without SES is asked before the claim: a claim that nobody gives back costs an hour.
    rendered = ports.content.rendered(send.issue, send.content_hash)
    transport = ports.single if send.one_by_one_because else ports.transport
    together = ports.rate.largest_call
    booking = max(together, int(BOOKING_SECONDS / ports.rate.seconds(1, now=ports.clock.now())))
    # The first wait comes before the claim, too: a worker that dies while it merely waits leaves nobody in doubt.
    room = _room_soon(min(booking, len(batch.waiting)), ports)
    if room is None:
        ports.queues.send(slug, [after], delay=_turn(len(batch.waiting), ports))
        return Handed(BatchResult.NO_ROOM, waiting=len(batch.waiting))
    known = _Known(send, ports)
    if not known.is_open():
        return Handed(BatchResult.HELD_MEANWHILE, waiting=len(batch.waiting))
    held = batch.claimed(claim, now=ports.clock.now(), outage_ended_at=send.outage_ended_at)
    if not ports.sends.replace(batch, held) and ports.sends.batch(slug, after) != held:
        return Handed(BatchResult.CLAIMED_BY_ANOTHER)
    work = _Work(send, held, rendered, transport, booking, together, links, reply_to, today)
    try:
        _hand_over(work, known, room, ports)
    finally:
        # SES answered for everybody who has an outcome here, and was not asked about anybody else.
        recorded = held.recorded(work.outcomes, now=ports.clock.now(), harmless=work.harmless, failed=work.failed,
                                 accepted=work.proved)  # fmt: skip
        kept = ports.sends.replace(held, recorded)
    if work.pause is not None:
        # After the batch is written: whoever resumes the send at once must find it planned.
        _pause(send, work.pause, ports)
    if not kept:
        return Handed(BatchResult.CLAIM_LOST, waiting=len(recorded.waiting))
    count_through(held, recorded, send=send, sends=ports.sends, queues=ports.queues)
    if recorded.state is BatchState.PLANNED and work.pause is None:
        ports.queues.send(slug, [after], delay=work.delay or work.later)
    sent = sum(outcome is Outcome.SENT for outcome in work.outcomes.values())
    return Handed(BatchResult(recorded.state), sent=sent, waiting=len(recorded.waiting))


@dataclass
class _Work:
    """One look at a batch: what is given, and what has come of it so far."""

    send: Send
    held: Batch
    rendered: RenderedIssue
    """The issue in all its languages."""
    transport: IssueTransport
    booking: int
    """Recipients that one booking of room is for."""
    together: int
    """Recipients of it that leave together, in one call or in several."""
    links: Links
    reply_to: str
    today: date
    parts: Mapping[str, str] = field(init=False)
    """The name that SES's events give to the part of the batch that a recipient is in."""
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    proved: set[str] = field(default_factory=set)
    """Whom SES had accepted before this look."""
    harmless: bool = True
    delay: int = 0
    later: int = 0
    """When to look again, though nothing keeps us from going on with the others."""
    pause: Pause | None = None

    def __post_init__(self) -> None:
        self.parts = {subscriber_id: part_name(self.held.after, at) for at, subscriber_id in enumerate(self.held.ids)}

    @property
    def call(self) -> int:
        """Recipients of one call."""
        return min(self.transport.entries, self.together)

    @property
    def last_call(self) -> datetime:
        """No call starts later: its answer could come after the lease."""
        return self.held.touched_at + CLAIM_LEASE - CALL_LIMIT

    @property
    def stopped(self) -> bool:
        """Whether the rest would meet the same wall."""
        return bool(self.delay or self.pause)


class _Known:
    """What a worker knows of the send and of its readers; asked again before a call for which it would be too old."""

    def __init__(self, send: Send, ports: SendPorts) -> None:
        self._send, self._ports = send, ports
        self._people = Addressees({}, {}, frozenset())
        self._read: frozenset[str] = frozenset()
        self._people_at = LONG_AGO

    def is_open(self) -> bool:
        """Say whether the send may go on, as of a moment ago."""
        send = _seen(self._send.slug, self._ports)
        return send is not None and send.state is SendState.OPEN

    def people(self, ahead: Sequence[str]) -> Addressees:
        """Return the readers of a call, and of those after it, as of a moment ago."""
        if self._ports.clock.now() - self._people_at > FRESH or not self._read.issuperset(ahead):
            self._people_at = self._ports.clock.now()
            ports = self._ports
            self._people = addressees(
                ahead, self._send, mail_records=ports.subscribers, sends=ports.sends, acceptances=ports.evidence
            )
            self._read = frozenset(ahead)
        return self._people


def _seen(slug: str, ports: SendPorts) -> Send | None:
    """Return the send, as any thread of this worker saw it open a moment ago: ten batches at once need not all ask."""
    asked_at = ports.clock.now()
    seen_at, seen = ports.seen_open.get(slug, (LONG_AGO, None))
    if abs(asked_at - seen_at) <= FRESH:
        return seen
    send = ports.sends.get(slug)
    if send is None or send.state is not SendState.OPEN:
        ports.seen_open.pop(slug, None)
    else:
        ports.seen_open[slug] = asked_at, send
    return send


def _hand_over(work: _Work, known: _Known, room: datetime | None, ports: SendPorts) -> None:
    """Hand the waiting recipients to SES, booking by booking, and note every answer as it comes."""
    accepted = ports.evidence.accepted(work.held.slug, work.held.after)
    if looks_restored(work.held, accepted, work.send):
        work.pause = RESTORED
        return
    work.proved.update(one for one in work.held.waiting if one in accepted)
    work.outcomes.update(dict.fromkeys(work.proved, Outcome.SENT))
    to_mail = [subscriber_id for subscriber_id in work.held.waiting if subscriber_id not in work.outcomes]
    while to_mail:
        booked, to_mail = to_mail[: work.booking], to_mail[work.booking :]
        if room is None:
            room = _wait_for_room(len(booked), work.last_call, ports)
            if room is None:
                work.delay = NO_ROOM_DELAY
                return
            if not known.is_open():
                return
        start, room = room, None
        a_call = timedelta(seconds=ports.rate.seconds(work.together, now=start))
        for first in range(0, len(booked), work.together):
            due = start + timedelta(seconds=ports.rate.seconds(first, now=start))
            if first:
                _sleep_until(due, ports)
                if ports.clock.now() > due + a_call:
                    # Their room has passed. All at once they would leave beside those who have booked this moment.
                    to_mail = [*booked[first:], *to_mail]
                    break
            if not _hand_together(work, known, booked[first : first + work.together], due, ports):
                return


def _hand_together(work: _Work, known: _Known, leaving: Sequence[str], start: datetime, ports: SendPorts) -> bool:
    """Hand those to SES who leave at the same moment; return whether the others may follow."""
    for ahead in _groups(leaving, max(work.call, READ_AT_ONCE)):
        rest = list(ahead)
        while rest:
            if ports.clock.now() > work.last_call:
                work.delay = NO_ROOM_DELAY
                return False
            if not known.is_open():
                return False
            people = known.people(rest)
            call = of_one_language(rest, people.records, work.rendered)[: work.call]
            _hand_one_call(work, call, people, start, ports)
            if work.stopped:
                return False
            rest = [subscriber_id for subscriber_id in rest if subscriber_id not in call]
    return True


def _hand_one_call(work: _Work, call: Sequence[str], people: Addressees, start: datetime, ports: SendPorts) -> None:
    """Hand those to SES who may be mailed; what it says about one call says nothing about the others."""
    gone = {place: why for place in call if (why := _reason_not_to_mail(place, people, work))}
    work.outcomes.update(gone)
    if not people.waiting.isdisjoint(call):
        work.later = MOVER_DELAY
    mailed = {place: people.records[place] for place in call if place not in gone and place not in people.waiting}
    if not mailed:
        return
    rendered = work.rendered.in_language(next(iter(mailed.values())).lang)
    recipients = [
        recipient_in(
            place, person, rendered, send=work.send, part=work.parts[place], links=work.links, reply_to=work.reply_to,
            now=ports.clock.now(),
        )
        for place, person in mailed.items()
    ]  # fmt: skip
    answers = _ask(work, rendered, recipients)
    if work.transport is not ports.single and all(isinstance(answer, Pause) and answer.of_bulk for answer in answers):
        ports.sends.change(work.held.slug, lambda send: send.handed_one_by_one(REFUSED_IN_BULK))
        work.delay = SHORT_DELAY
        return
    _note(work, recipients, answers)
    if ports.unclear.are_an_outage(unclear=UNCLEAR.issuperset(answers)):
        work.pause = OUTAGE
    if not SLOWER.isdisjoint(answers):
        _slow_down(work, start, answers, ports)


def _ask(work: _Work, rendered: RenderedIssue, recipients: Sequence[Recipient]) -> list[Answer]:
    try:
        answers = work.transport.send(rendered, recipients)
    except Exception:
        # Not an answer we know, so it proves nothing: SES may have accepted. Never to be taken for "not sent".
        return [Outcome.UNKNOWN] * len(recipients)
    if len(answers) >= WHOLE_ISSUE and set(answers) == {Outcome.REJECTED}:
        return [ISSUE_REFUSED] * len(answers)
    return answers


def _note(work: _Work, recipients: Sequence[Recipient], answers: Sequence[Answer]) -> None:
    """Write down what SES said about each recipient; whoever has no outcome goes on waiting."""
    for recipient, answer in zip(recipients, answers, strict=True):
        subscriber_id = recipient.subscriber_id
        if isinstance(answer, Outcome):
            work.outcomes[subscriber_id] = answer
            work.harmless = False
        elif isinstance(answer, Pause):
            work.pause = answer
        elif answer is Retry.FAILED:
            work.harmless = False
            work.failed.add(subscriber_id)
            if work.held.failures_of(subscriber_id) + 1 >= MOST_ATTEMPTS:
                work.outcomes[subscriber_id] = Outcome.GAVE_UP
            else:
                work.delay = SHORT_DELAY
        else:
            work.delay = SHORT_DELAY


def _slow_down(work: _Work, start: datetime, answers: Sequence[Answer], ports: SendPorts) -> None:
    """Tell all workers to go slower; and if it is the calls that SES limits, make them smaller instead."""
    calls = set(answers) == {Retry.TOO_MANY_CALLS}
    pace = ports.rate.slow_down(start, calls=calls, now=ports.clock.now())
    if not pace.limited_by_calls or work.transport is ports.single:
        return
    if ports.sends.change(work.held.slug, lambda send: send.handed_one_by_one(LIMITED_CALLS)) is not None:
        ports.rate.restore()


def _pause(send: Send, pause: Pause, ports: SendPorts) -> None:
    now = ports.clock.now()
    # For the day's quota the time is the expected one; for the account, it only says that the send can go on alone.
    until = resume_at(send.opened_at, now=now) if pause.by is PausedBy.QUOTA else now if pause.heals else None
    if ports.sends.pause(send.slug, pause.because, by=pause.by, resume_at=until, now=now):
        ports.queues.settle(send.slug)


def _reason_not_to_mail(place: str, people: Addressees, work: _Work) -> Outcome | None:
    found = people.outcomes.get(place)
    return found or reason_not_to_mail(people.records.get(place), topics=work.rendered.topics, today=work.today)


def _wait_for_room(recipients: int, latest: datetime, ports: SendPorts) -> datetime | None:
    """Wait until the rate allows these recipients; return when that was, or None if it is too late by then."""
    while (ready := _room(recipients, latest, ports)) is None:
        if ports.clock.now() + ASK_AGAIN > latest:
            return None
        ports.clock.sleep(ASK_AGAIN.total_seconds())
    _wait_until(ready, ports)
    return ready if ports.clock.now() <= latest + CALL_LIMIT / 2 else None


def _room_soon(recipients: int, ports: SendPorts) -> datetime | None:
    """Wait for room that is used up within `BOOK_AHEAD`; None if there is none so soon, or time has passed over it."""
    ready = _room(recipients, ports.clock.now() + BOOK_AHEAD, ports)
    if ready is None:
        return None
    _wait_until(ready, ports)
    return ready if ports.clock.now() <= ready + CALL_LIMIT / 2 else None


def _room(recipients: int, latest: datetime, ports: SendPorts) -> datetime | None:
    now = ports.clock.now()
    taken = timedelta(seconds=ports.rate.seconds(recipients, now=now))
    return ports.rate.reserve(recipients, now=now, latest=min(latest, now + max(BOOK_AHEAD - taken, timedelta(0))))


def _turn(recipients: int, ports: SendPorts) -> int:
    """Return in how many seconds a batch that found no room is to be looked at again."""
    now = ports.clock.now()
    moment = ports.rate.place_in_line(recipients, now=now)
    return max(NO_ROOM_DELAY, int((moment - now).total_seconds()))


def _wait_until(ready: datetime, ports: SendPorts) -> None:
    """Wait for booked room. A pause meanwhile holds from the next call on: what was seen before is forgotten."""
    waits = ready > ports.clock.now()
    _sleep_until(ready, ports)
    if waits:
        ports.seen_open.clear()


def _sleep_until(moment: datetime, ports: SendPorts) -> None:
    ports.clock.sleep(max(0.0, (moment - ports.clock.now()).total_seconds()))


def _groups(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
