"""Checks of the hour that an issue names for itself."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.core.slot import FARTHEST
from newsletter.core.time_zones import WallTime
from newsletter.issues.checking.preflight_findings import error, warning
from newsletter.issues.checking.preflight_specimen import Specimen
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import LOCKED
from newsletter.issues.domain.preflight import Finding


def hour(specimen: Specimen) -> Iterator[Finding]:
    """The hour of its own is one at which it can still go out, and no other issue does."""
    issue, line = specimen.issue, specimen.issue.lines.get("send")
    own = next((other for other in specimen.others if other.slug == issue.slug), None)
    if issue.send_at is None or (own is not None and own.status in LOCKED):
        return
    # Whoever corrects an issue that waited for its approval too long need not give it another hour.
    waits = own is not None and own.status is IssueStatus.READY and own.send_at == issue.send_at
    now = WallTime(specimen.today, specimen.time_of_day.hour, specimen.time_of_day.minute)
    if issue.send_at <= now and not waits:
        what = f"The hour at which it goes out, {issue.send_at}, is over, and the issue is not sent yet."
        yield error("hour-past", what, "Give it another hour in `send`, or write `send: now`.", line)
    elif issue.send_at.day - specimen.today > FARTHEST:
        what = f"The hour at which it goes out, {issue.send_at}, is more than two years ahead."
        yield error("hour-far", what, "Look whether the year is right.", line)
    for other in specimen.others:
        if other.slug != issue.slug and other.status is IssueStatus.READY and other.send_at == issue.send_at:
            what = f"Issue {other.slug} goes out at the same minute, so readers get two emails at once."
            yield warning("hour-shared", what, "Give one of them another hour in `send`.", line)
