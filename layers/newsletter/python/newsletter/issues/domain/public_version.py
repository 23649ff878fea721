"""The one rule of what is public: pages, lists, feeds, search, maps and mails to readers all ask it."""

from __future__ import annotations

from datetime import datetime

from newsletter.core.slot import Rhythm
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.issues.domain.issue_record import LOCKED, IssueRecord


def public_version(record: IssueRecord, *, rhythm: Rhythm, needs_approval: bool, now: datetime) -> IssueRecord | None:
    """Return the issue as readers may see it at this moment; None while it is not public.

    Public is what is cleared (approved where that is required, exactly this content), not held, not withdrawn, and
    whose send has opened. What is never sent has a date instead, and the hour at which issues are mailed.
    """
    cleared = record.as_cleared()
    if cleared is None or record.held or record.withdrawn:
        return None
    if record.status in LOCKED:
        return cleared
    if (
        record.status is not IssueStatus.READY
        or record.send is not SendPolicy.NEVER
        or now < rhythm.moment(cleared.date)
    ):
        return None
    # Who begins to require approvals does not take down what stands already.
    return cleared if not needs_approval or record.approved == record.cleared or record.listed else None
