"""An editor held an issue: it does not go out, and is nowhere to be seen, until somebody releases it."""

from __future__ import annotations

from datetime import datetime

from newsletter.desk.domain.decision import Decided, Decision, DecisionOutcome
from newsletter.desk.ports import DecidePorts
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.sending.domain.send import PausedBy

GOING_OUT = (IssueStatus.SENDING, IssueStatus.PAUSED)
BECAUSE = "An editor held the issue. Resume the send when it may go on."


def hold(decision: Decision, *, ports: DecidePorts, now: datetime) -> Decided:
    """Hold the issue, also one that was replaced since the mail; hold its send if it is going out already.

    What readers may see of it goes with it, also after the send: page, lists, feeds and search.
    """
    record = ports.issues.get(decision.slug)
    if record is None:
        return Decided(DecisionOutcome.UNKNOWN)
    held = ports.issues.hold(decision.slug, held=True, noted=decision.noted(now))
    # Asked for also if it was held before: the first try may have been cut off.
    ports.publish_queue.refresh_archive(decision.slug)
    newest = held or record
    if newest.status in GOING_OUT and _paused(newest, ports, now):
        return Decided(DecisionOutcome.PAUSED, newest)
    return Decided(DecisionOutcome.HELD if held else DecisionOutcome.ALREADY, newest)


def _paused(record: IssueRecord, ports: DecidePorts, now: datetime) -> bool:
    """Hold the send of the issue; return whether that was to be done."""
    if not ports.sends.pause(record.slug, BECAUSE, by=PausedBy.PERSON, now=now):
        if record.status is not IssueStatus.SENDING or ports.sends.get(record.slug) is not None:
            return False
        # Locked, and the header is not written yet: whoever writes it looks at the status and holds the send.
        ports.issues.set_status(record.slug, IssueStatus.PAUSED)
    ports.queues.settle(record.slug)
    return True
