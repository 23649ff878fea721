"""One batch to SES: claim, ask again who may be mailed, wait for room, one attempt, record everything in one write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

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


def send_batch(slug: str, after: str, *, claim: str, ports: SendPorts, links: Links, reply_to: str) -> Handed:
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
    held = batch.claimed(claim, now=ports.clock.now())
    if not ports.sends.replace(batch, held):
        return Handed("claimed by another worker")

    outcomes = _not_to_be_mailed(batch, ports)
    to_mail = [who for who in batch.waiting if who not in outcomes]
    rendered = ports.content.rendered(slug, send.content_hash)
    delay = 0
    for group in _groups(to_mail, min(ports.transport.entries, ports.rate.largest_call)):
        if not _wait_for_room(len(group), held, ports):
            delay = SHORT_DELAY
            break
        # Read at the last moment: whoever leaves while we wait for room is not mailed.
        people = ports.subscribers.get_many(group)
        gone = {who: reason for who in group if (reason := _reason_not_to_mail(people.get(who)))}
        outcomes.update(gone)
        recipients = [
            _recipient(rendered, people[who], batch, links, reply_to, ports.clock.now())
            for who in group
            if who not in gone
        ]
        if not recipients:
            continue
        answers = _ask(rendered, recipients, ports)
        for recipient, answer in zip(recipients, answers, strict=True):
            if isinstance(answer, Wait):
                delay = max(delay, DELAY[answer])
            elif answer is Outcome.GAVE_UP and held.attempts < MOST_ATTEMPTS:
                delay = max(delay, SHORT_DELAY)
            else:
                outcomes[recipient.subscriber_id] = answer
        if delay:
            break  # the rest would meet the same wall

    recorded = held.recorded(outcomes, now=ports.clock.now())
    if not ports.sends.replace(held, recorded):
        return Handed("the claim was taken away while SES was asked", waiting=len(recorded.waiting))
    if recorded.state is BatchState.PLANNED:
        ports.queues.send(slug, [after], delay=delay)
    sent = sum(outcome is Outcome.SENT for outcome in outcomes.values())
    return Handed(recorded.state, sent=sent, waiting=len(recorded.waiting))


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
    return [everybody] * len(recipients)


def _not_to_be_mailed(batch: Batch, ports: SendPorts) -> dict[str, Outcome]:
    """Return the outcomes that need no mail: suppressed people, and whom SES is known to have accepted before."""
    suppressed = ports.suppressions.which(batch.waiting)
    outcomes = {who: Outcome.SUPPRESSED for who in suppressed}
    if batch.attempts:
        accepted = ports.sends.evidence(batch.slug, batch.after)
        outcomes.update({who: Outcome.SENT for who in batch.waiting if who in accepted})
    return outcomes


def _reason_not_to_mail(subscriber: Subscriber | None) -> Outcome | None:
    if subscriber is None:
        return Outcome.ERASED
    if subscriber.status is Status.UNSUBSCRIBED:
        return Outcome.LEFT
    if subscriber.status is not Status.CONFIRMED:
        return Outcome.UNCONFIRMED
    return Outcome.SUPPRESSED if subscriber.suppressed else None


def _wait_for_room(recipients: int, held: Batch, ports: SendPorts) -> bool:
    """Wait until the rate allows these recipients; False if the claim would not outlast the call."""
    ready = ports.rate.reserve(recipients, now=ports.clock.now())
    if ready + CALL_LIMIT > held.touched_at + CLAIM_LEASE:
        return False
    ports.clock.sleep(max(0.0, (ready - ports.clock.now()).total_seconds()))
    return True


def _recipient(
    rendered: RenderedIssue, person: Subscriber, batch: Batch, links: Links, reply_to: str, now: datetime
) -> Recipient:
    who = person.subscriber_id
    unsubscribe_url = links.to(Purpose.UNSUBSCRIBE, who, now=now)
    preferences_url = links.to(Purpose.PREFERENCES, who, now=now)
    return Recipient(
        subscriber_id=who,
        email=person.email,
        variables=variables(
            rendered, name=person.name, unsubscribe_url=unsubscribe_url, preferences_url=preferences_url
        ),
        headers=unsubscribe_headers(unsubscribe_url, reply_to),
        tags={"kind": "issue", "issue": batch.slug, "batch": batch.after, "subscriber": who},
    )


def _groups(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
