"""What came of an upload."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.issues.domain.issue import Issue, RenderedIssue
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.preflight import Preflight

NOTHING_FOUND = Preflight()


@dataclass(frozen=True, slots=True)
class Published:
    """What came of an upload, for the editors to hear and for the send to begin."""

    result: str
    """published | blocked | refused | waits | stale | gone"""
    record: IssueRecord | None = None
    send_now: bool = False
    """Whether the issue asks to go out at once, and may."""
    issue: Issue | None = None
    rendered: RenderedIssue | None = None
    """The issue as it will reach its readers, if the file could be read."""
    version: str = ""
    """Of the file."""
    preflight: Preflight = NOTHING_FOUND
    """What the checks found in it."""
