"""The newest issue that was sent."""

from __future__ import annotations

from collections.abc import Sequence

from newsletter.core.archive_entry import ArchiveEntry
from newsletter.issues.domain.issue_record import IssueRecord


def latest_issue(sent: Sequence[IssueRecord]) -> ArchiveEntry | None:
    """Return the last of these, oldest first, that was not withdrawn; None if there is none."""
    not_withdrawn = [issue for issue in sent if not issue.withdrawn]
    return ArchiveEntry.of(not_withdrawn[-1]) if not_withdrawn else None
