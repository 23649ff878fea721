"""An editor released a held issue: it goes out in its turn again, and what has gone out is public again."""

from __future__ import annotations

from datetime import datetime

from newsletter.desk.domain.decision import Decided, Decision, DecisionOutcome
from newsletter.desk.ports import DecidePorts
from newsletter.issues.domain.issue import SendPolicy


def release(decision: Decision, *, ports: DecidePorts, now: datetime) -> Decided:
    """Release the issue; a send that is held is resumed by an operator, never by a link of weeks ago."""
    record = ports.issues.get(decision.slug)
    if record is None:
        return Decided(DecisionOutcome.UNKNOWN)
    released = ports.issues.hold(decision.slug, held=False, noted=decision.noted(now))
    ports.publish_queue.refresh_archive(decision.slug)  # also if it was released before: that may have been cut off
    if released is None:
        return Decided(DecisionOutcome.ALREADY, record)
    if released.send is SendPolicy.NOW:
        ports.publish_queue.publish_again(decision.slug)
    elif released.send is SendPolicy.AT:
        ports.publish_queue.send_at_hour(decision.slug)
    return Decided(DecisionOutcome.RELEASED, released)
