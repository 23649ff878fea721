"""The newest issue that was sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from newsletter.core.archive_entry import ArchiveEntry
from newsletter.issues.domain.issue_record import IssueRecord


def latest_issue(
    sent: Sequence[IssueRecord], public: Callable[[IssueRecord], IssueRecord | None]
) -> ArchiveEntry | None:
    """Return the last of these, oldest first, that readers may see; None if there is none."""
    seen = [shown for record in sent if (shown := public(record))]
    return ArchiveEntry.of(seen[-1]) if seen else None
