"""An editor held an issue: whatever stands in the bucket, it does not go out until somebody releases it."""

from __future__ import annotations

from datetime import datetime

from newsletter.desk.domain.decision import Decided, Decision, DecisionOutcome
from newsletter.desk.ports import DecidePorts
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.sending.domain.send import PausedBy

OVER = (IssueStatus.SENT, IssueStatus.CANCELLED)
BECAUSE = "An editor held the issue. Resume the send when it may go on."


def hold(decision: Decision, *, ports: DecidePorts, now: datetime) -> Decided:
    """Hold the issue, also one that was replaced since the mail; hold its send if it is going out already."""
    record = ports.issues.get(decision.slug)
    if record is None:
        return Decided(DecisionOutcome.UNKNOWN)
    if record.status in OVER:
        return Decided(DecisionOutcome.TOO_LATE, record)
    if record.status in (IssueStatus.SENDING, IssueStatus.PAUSED):
        return _paused(record, decision, ports, now)
    held = ports.issues.hold(decision.slug, held=True, noted=decision.noted(now))
    if held is None:
        return Decided(DecisionOutcome.ALREADY, record)
    if held.status is IssueStatus.SENDING:  # opened in this very moment
        return _paused(held, decision, ports, now)
    return Decided(DecisionOutcome.HELD, held)


def _paused(record: IssueRecord, decision: Decision, ports: DecidePorts, now: datetime) -> Decided:
    if not ports.sends.pause(record.slug, BECAUSE, by=PausedBy.PERSON, now=now):
        if record.status is not IssueStatus.SENDING or ports.sends.get(record.slug) is not None:
            return Decided(DecisionOutcome.ALREADY, record)
        # Locked, and the header is not written yet: whoever writes it looks at the status and holds the send.
        ports.issues.set_status(record.slug, IssueStatus.PAUSED)
    noted = ports.issues.note(record.slug, noted=decision.noted(now))
    ports.queues.settle(record.slug)
    return Decided(DecisionOutcome.PAUSED, noted or record)
