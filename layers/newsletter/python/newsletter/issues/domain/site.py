"""The public archive: the files it is made of."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from newsletter.issues.domain.issue import RenderedIssue


@dataclass(frozen=True, slots=True)
class ShownIssue:
    """An issue as the site shows it."""

    rendered: RenderedIssue
    corrected_at: datetime.datetime | None = None
    """In the newsletter's own time zone: readers see the day, feeds the moment."""
    sent_hash: str = ""
    """The content that was mailed; empty for what never was."""
