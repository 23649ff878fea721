"""The newest issue that was sent."""

from __future__ import annotations

from collections.abc import Sequence

from newsletter.core.archive_entry import ArchiveEntry
from newsletter.issues.domain.issue_record import IssueRecord


def latest_issue(sent: Sequence[IssueRecord]) -> ArchiveEntry | None:
    """Return the last of these, oldest first, that was not withdrawn; None if there is none."""
    standing = [issue for issue in sent if not issue.withdrawn]
    return ArchiveEntry.of(standing[-1]) if standing else None
