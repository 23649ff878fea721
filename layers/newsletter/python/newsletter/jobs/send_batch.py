"""One batch to SES: claim, ask again who may be mailed, wait for room, one attempt, record everything in one write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from newsletter.domain.batch import CLAIM_LEASE, MOST_ATTEMPTS, Batch, BatchState
from newsletter.domain.issue import RenderedIssue
from newsletter.domain.link_token import Purpose
from newsletter.domain.links import Links, unsubscribe_headers
from newsletter.domain.outcome import Answer, Outcome, Wait
from newsletter.domain.personal import variables
from newsletter.domain.send import Recipient, SendState
from newsletter.domain.subscriber import Status, Subscriber
from newsletter.errors import (
    SendingPausedError,
    SendOutcomeUnknownError,
    SendRejectedError,
    SendThrottledError,
    UnknownSendError,
)
from newsletter.ports import SendPorts

CALL_LIMIT = timedelta(seconds=20)
"""The SES client gives up after this time; no call starts when the lease could end before its answer."""

SHORT_DELAY = 5
"""Seconds until a batch that found no room is looked at again."""

DELAY = {Wait.SOON: SHORT_DELAY, Wait.LONG: 900}
"""Seconds until a batch is looked at again when SES takes nobody; 900 is the longest delay SQS knows."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What one look at a batch led to; ids and numbers for the log."""

    result: str
    sent: int = 0
    waiting: int = 0


def send_batch(
    slug: str, after: str, *, claim: str, ports: SendPorts, links: Links, reply_to: str, today: date
) -> Handed:
    """Hand the waiting recipients of a batch to SES.

    Messages may arrive twice and late: whoever fails to claim the batch has nothing to do. Nothing is sent twice
    here; an attempt without a clear answer leaves the recipients unknown, for settle to resolve.

    Raises:
        UnknownSendError: There is no such send or batch.
    """
    send = ports.sends.get(slug)
    batch = ports.sends.batch(slug, after)
    if send is None or batch is None:
        raise UnknownSendError(f"no batch {after!r} of issue {slug}; the message is not one of ours")
    if send.state is not SendState.OPEN:
        return Handed(f"send is {send.state}", waiting=len(batch.waiting))
    if batch.state is not BatchState.PLANNED:
        return Handed(f"batch is {batch.state}")
    # Whatever can fail without SES is asked before the claim: a claim that nobody gives back costs an hour.
    rendered = ports.content.rendered(slug, send.content_hash)
    size = min(ports.transport.entries, ports.rate.largest_call)
    held = batch.claimed(claim, now=ports.clock.now())
    if not ports.sends.replace(batch, held) and ports.sends.batch(slug, after) != held:
        return Handed("claimed by another worker")
    work = _Work(held, rendered, size, links, reply_to, today)
    try:
        _hand_over(work, ports)
    finally:
        # SES answered for everybody who has an outcome here, and was not asked about anybody else.
        recorded = held.recorded(work.outcomes, now=ports.clock.now(), harmless=work.harmless)
        kept = ports.sends.replace(held, recorded)
    if not kept:
        return Handed("the claim was taken away while SES was asked", waiting=len(recorded.waiting))
    if recorded.state is BatchState.PLANNED:
        ports.queues.send(slug, [after], delay=work.delay)
    sent = sum(outcome is Outcome.SENT for outcome in work.outcomes.values())
    return Handed(recorded.state, sent=sent, waiting=len(recorded.waiting))


@dataclass
class _Work:
    """One look at a batch: what is given, and what has come of it so far."""

    held: Batch
    rendered: RenderedIssue
    size: int
    links: Links
    reply_to: str
    today: date
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    harmless: bool = True
    delay: int = 0


def _hand_over(work: _Work, ports: SendPorts) -> None:
    """Hand the waiting recipients to SES, group by group, and note every answer as it comes."""
    held = work.held
    work.outcomes.update(_not_to_be_mailed(held, ports))
    to_mail = [who for who in held.waiting if who not in work.outcomes]
    for group in _groups(to_mail, work.size):
        if not _wait_for_room(len(group), held, ports):
            work.delay = SHORT_DELAY
            return
        # Read at the last moment: whoever leaves while we wait for room is not mailed.
        people = ports.subscribers.get_many(group)
        gone = {who: why for who in group if (why := _reason_not_to_mail(people.get(who), work))}
        work.outcomes.update(gone)
        recipients = [_recipient(people[who], work, ports.clock.now()) for who in group if who not in gone]
        if not recipients:
            continue
        answers = _ask(work.rendered, recipients, ports)
        work.harmless = work.harmless and all(isinstance(answer, Wait) for answer in answers)
        for recipient, answer in zip(recipients, answers, strict=True):
            if isinstance(answer, Wait):
                work.delay = max(work.delay, DELAY[answer])
            elif answer is Outcome.GAVE_UP and held.attempts < MOST_ATTEMPTS:
                work.delay = max(work.delay, SHORT_DELAY)
            else:
                work.outcomes[recipient.subscriber_id] = answer
        if work.delay:
            return  # the rest would meet the same wall


def _ask(rendered: RenderedIssue, recipients: Sequence[Recipient], ports: SendPorts) -> list[Answer]:
    """Return what SES says, with an answer for everybody also when the call as a whole failed."""
    everybody: Answer
    try:
        return ports.transport.send(rendered, recipients)
    except SendOutcomeUnknownError:
        everybody = Outcome.UNKNOWN
    except SendRejectedError:
        everybody = Outcome.REJECTED
    except SendThrottledError as throttled:
        everybody = Wait.LONG if throttled.daily else Wait.SOON
    except SendingPausedError:
        everybody = Wait.LONG
    except Exception:
        # Not an answer we know, so it proves nothing: SES may have accepted. Never to be taken for "not sent".
        everybody = Outcome.UNKNOWN
    return [everybody] * len(recipients)


def _not_to_be_mailed(batch: Batch, ports: SendPorts) -> dict[str, Outcome]:
    """Return the outcomes that need no mail: suppressed people, and whom SES is known to have accepted before."""
    suppressed = ports.suppressions.which(batch.waiting)
    outcomes = {who: Outcome.SUPPRESSED for who in suppressed}
    if batch.attempts > 1:  # this claim is the first
        accepted = ports.sends.evidence(batch.slug, batch.after)
        outcomes.update({who: Outcome.SENT for who in batch.waiting if who in accepted})
    return outcomes


def _reason_not_to_mail(subscriber: Subscriber | None, work: _Work) -> Outcome | None:
    if subscriber is None:
        return Outcome.ERASED
    if subscriber.status is Status.UNSUBSCRIBED:
        return Outcome.LEFT
    if subscriber.status is not Status.CONFIRMED:
        return Outcome.UNCONFIRMED
    if subscriber.suppressed:
        return Outcome.SUPPRESSED
    if subscriber.is_paused(work.today):
        return Outcome.PAUSED
    return Outcome.MUTED if subscriber.has_muted(work.rendered.topics) else None


def _wait_for_room(recipients: int, held: Batch, ports: SendPorts) -> bool:
    """Wait until the rate allows these recipients; False if the claim would not outlast the call."""
    latest = held.touched_at + CLAIM_LEASE - CALL_LIMIT
    ready = ports.rate.reserve(recipients, now=ports.clock.now(), latest=latest)
    if ready is None:
        return False
    ports.clock.sleep(max(0.0, (ready - ports.clock.now()).total_seconds()))
    return ports.clock.now() <= latest + CALL_LIMIT / 2


def _recipient(person: Subscriber, work: _Work, now: datetime) -> Recipient:
    who = person.subscriber_id
    unsubscribe_url = work.links.to(Purpose.UNSUBSCRIBE, who, now=now)
    preferences_url = work.links.to(Purpose.PREFERENCES, who, now=now)
    return Recipient(
        subscriber_id=who,
        email=person.email,
        variables=variables(
            work.rendered, name=person.name, unsubscribe_url=unsubscribe_url, preferences_url=preferences_url
        ),
        headers=unsubscribe_headers(unsubscribe_url, work.reply_to),
        tags={"kind": "issue", "issue": work.held.slug, "batch": work.held.after, "subscriber": who},
    )


def _groups(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
