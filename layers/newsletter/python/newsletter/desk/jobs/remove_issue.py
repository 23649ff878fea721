"""An issue file was removed: take the issue back, as far as it has not gone out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from newsletter.desk.ports import RemovalPorts
from newsletter.errors import StoreBusyError
from newsletter.issues.domain.issue import IssueStatus, is_slug
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.upload import Upload
from newsletter.sending.domain.send import PausedBy

TRIES = 5

AFTER_REMOVAL = {IssueStatus.READY: IssueStatus.DRAFT, IssueStatus.SENDING: IssueStatus.PAUSED}
"""What is not sent yet is not sent; what is being sent is held; the rest stays on record as it is."""


def remove_issue(removal: Upload, *, ports: RemovalPorts, today: date, now: datetime) -> str:
    """Take the issue out of the archive and out of the queue for the next slot; hold its send if one is open.

    Returns:
        withdrawn | paused | stale | unknown
    """
    if ports.content.read(removal.key) is not None:
        return "stale"  # an old version was removed, or the file is back already
    ports.content.clear_problems(removal.key)
    ports.content.clear_preflight(removal.key)
    slug = removal.slug
    if slug is None or not is_slug(slug):
        return "unknown"
    for _ in range(TRIES):
        # A removal may be heard of before the upload it follows; then it leaves a record for that one to stumble on.
        before = ports.issues.get(slug)
        if before is not None and removal.older_than(before.sequencer):
            return "stale"
        if before is None and not removal.sequencer:
            return "unknown"  # a picture without its issue
        known = before or _never_seen(slug, today)
        status = AFTER_REMOVAL.get(known.status, known.status)
        sequencer = max(removal.sequencer, known.sequencer)
        # Brought back, it is news again: the editors see it, and approve it, once more.
        after = replace(
            known, status=status, withdrawn=True, listed=False, approved="", announced="", sequencer=sequencer
        )
        if ports.issues.put(after, before=before):
            break
    else:
        raise StoreBusyError(f"issue {slug} is being changed at the same moment; it will be tried again")
    if ports.content.read(removal.key) is not None:
        ports.publish_queue.publish_again(
            slug
        )  # it came back in this very moment, and its event may be dealt with already
    paused = status is IssueStatus.PAUSED and ports.sends.pause(
        slug, "the issue file was removed", by=PausedBy.PERSON, now=now
    )
    ports.publish_queue.refresh_archive(slug)
    return "paused" if paused else "withdrawn"


def _never_seen(slug: str, today: date) -> IssueRecord:
    return IssueRecord(
        slug=slug,
        status=IssueStatus.DRAFT,
        title=slug,
        subject=slug,
        summary="",
        date=today,
        content_hash="0" * 64,
    )
