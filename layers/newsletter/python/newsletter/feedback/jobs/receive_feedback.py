"""Everything that follows from events of SES: record them, correct the books, hold what does harm.

A sequence of jobs: each of them can be repeated, and so can the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from newsletter.errors import NewsletterError
from newsletter.feedback.domain.feedback import FeedbackEvent, refusals
from newsletter.feedback.jobs.break_circuit import break_circuit
from newsletter.feedback.jobs.hold_confirmations import hold_confirmations
from newsletter.feedback.jobs.note_accepted import note_accepted
from newsletter.feedback.jobs.record_engagement import record_engagement
from newsletter.feedback.jobs.record_feedback import record_feedback
from newsletter.feedback.jobs.record_late_proof import record_late_proof
from newsletter.feedback.jobs.record_refusal import record_refusal
from newsletter.feedback.ports import ReceptionPorts


@dataclass(frozen=True, slots=True)
class Received:
    """What came of a reception."""

    failed: frozenset[FeedbackEvent]
    """Events to deliver again."""
    sends: frozenset[str]
    """The sends of ours that any of them was about."""
    unknown_sends: int
    """How many were about a send that is not ours."""
    held: tuple[str, ...]
    """The sends that were paused because of them."""


def receive_feedback(events: Sequence[FeedbackEvent], *, ports: ReceptionPorts, now: datetime) -> Received:
    """Record events in any order, any number of times, and do what follows from them.

    An event that fails keeps none of the others back.
    """
    recorded = record_feedback(events, ports=ports.recording, now=now)
    uncounted = record_engagement(recorded.engaged, engagement=ports.engagement, now=now)
    unnoted = note_accepted(events, counters=ports.counters)
    uncorrected = _take_back(events, ports, now)
    unproved = record_late_proof(events, sends=ports.recording.sends, queues=ports.queues, now=now)
    held = break_circuit(
        recorded.news,
        sends=ports.recording.sends,
        evidence=ports.recording.evidence,
        queues=ports.queues,
        breaker=ports.breaker,
        now=now,
    )
    hold_confirmations(recorded.news, ports=ports.holding, breaker=ports.confirmation_breaker, now=now)
    failed = recorded.failed | uncounted | unnoted | uncorrected | unproved
    return Received(failed, recorded.sends, recorded.unknown_sends, tuple(held))


def _take_back(events: Sequence[FeedbackEvent], ports: ReceptionPorts, now: datetime) -> set[FeedbackEvent]:
    """Correct the outcomes of messages that SES refused after all; return the events to deliver again."""
    failed: set[FeedbackEvent] = set()
    for (slug, batch, outcome), about in refusals(events).items():
        subscriber_ids = {event.subscriber_id for event in about}
        try:
            record_refusal(
                slug, batch, subscriber_ids, outcome, sends=ports.recording.sends, queues=ports.queues, now=now
            )
        except NewsletterError:  # also of a batch that cannot be read: it keeps none of the others back
            failed.update(about)
    return failed
