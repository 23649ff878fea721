"""When the page of an issue began to say something else than its mail."""

from __future__ import annotations

from datetime import datetime

from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.issue_record import LOCKED, IssueRecord
from newsletter.issues.ports import ContentStore


def correction_moment(
    before: IssueRecord, rendered: RenderedIssue, *, content: ContentStore, now: datetime
) -> datetime | None:
    """Return since when the page differs from the mail, if it shows this from now on; None when they say the same.

    Args:
        before: The record, with what the page shows until now.
        rendered: What it shows from now on.
        content: Where what was sent is kept.
        now: The present.
    """
    if before.status not in LOCKED or not before.sent_hash:
        return None
    if rendered.content_hash == before.sent_hash:
        return None
    if rendered.reads_like(content.rendered(before.slug, before.sent_hash)):
        return None  # what changed is a template, the footer, or the subject of a mail that has gone
    return before.corrected_at if rendered.content_hash == before.cleared else now
