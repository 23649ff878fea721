"""Noting which emails to one person SES took, for whoever got no clear answer when it was asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from newsletter.core.ports import Counters
from newsletter.errors import StoreBusyError
from newsletter.feedback.domain.feedback import PROOF_OF_ACCEPTANCE, FeedbackEvent
from newsletter.readers.domain.greeting import accepted_counter

NOTED_FOR = timedelta(days=2)
"""`greet` asks after a quarter of an hour; the rest is for a queue that stands still over a night."""


def note_accepted(events: Iterable[FeedbackEvent], *, counters: Counters) -> set[FeedbackEvent]:
    """Note each email that SES reported to have taken; return the events to deliver again.

    Repeated: an email counts as taken however often that is noted.
    """
    failed: set[FeedbackEvent] = set()
    for event in events:
        if not event.cause or event.kind not in PROOF_OF_ACCEPTANCE:
            continue
        try:
            counters.bump(accepted_counter(event.cause), expires_at=event.mailed_at + NOTED_FOR)
        except StoreBusyError:
            failed.add(event)
    return failed
