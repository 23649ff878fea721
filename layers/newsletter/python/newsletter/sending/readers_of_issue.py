"""Who gets an issue: by its record and what readers can choose when it goes out, and then by its send."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from newsletter.core.audience.part_of_list import PartOfList, part_of_list
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.sending.domain.send import Send

ReadersOfIssue = Callable[[IssueRecord, datetime], PartOfList]
"""Returns who gets the issue if it goes out at this moment."""


def readers_without_choice(record: IssueRecord, now: datetime) -> PartOfList:
    """Return who gets it where there is no digest to choose: everybody in the part that its editors named."""
    return part_of_list(record.audience, record.digest, offers_digest=False, day=now.date())


def readers_of_send(send: Send) -> PartOfList:
    """Return who gets a send, as it was at its opening."""
    return PartOfList(send.audience, send.reading_rhythm, send.month)
