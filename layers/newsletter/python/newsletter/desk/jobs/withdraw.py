"""An editor withdrew an issue by a link: its file is removed, and the event of the removal does the rest."""

from __future__ import annotations

from datetime import datetime

from newsletter.desk.domain.decision import Decided, Decision, DecisionOutcome
from newsletter.desk.ports import DecidePorts


def withdraw(decision: Decision, *, ports: DecidePorts, now: datetime) -> Decided:
    """Remove the issue's file, also a newer one than the mail spoke of; the bucket keeps every version.

    The decision is noted first: cut off behind it, the file stands and the button can be pressed again.
    """
    key = f"issues/{decision.slug}.md"
    record = ports.issues.get(decision.slug)
    if record is None:
        return Decided(DecisionOutcome.UNKNOWN)
    if ports.content.read(key) is None:
        return Decided(DecisionOutcome.ALREADY, record)
    noted = ports.issues.note(decision.slug, noted=decision.noted(now))
    ports.content.remove(key)
    return Decided(DecisionOutcome.WITHDRAWN, noted or record)
