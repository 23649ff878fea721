"""An issue file was removed: take the issue back, as far as it has not gone out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.desk.ports import RemovalPorts
from newsletter.issues.domain.issue import IssueStatus, is_slug
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.publication import UploadResult
from newsletter.issues.domain.upload import Upload
from newsletter.issues.ports import ContentStore
from newsletter.sending.domain.send import PausedBy

AFTER_REMOVAL = {IssueStatus.READY: IssueStatus.DRAFT, IssueStatus.SENDING: IssueStatus.PAUSED}
"""What is not sent yet is not sent; what is being sent is held; the rest stays on record as it is."""


def remove_issue(removal: Upload, *, ports: RemovalPorts, today: date, now: datetime) -> UploadResult:
    """Take the issue out of the archive and out of the queue for the next slot; hold its send if one is open."""
    if ports.content.read(removal.key) is not None:
        return UploadResult.STALE  # an old version was removed, or the file is back already
    clear_beside(removal, ports.content)
    slug = removal.slug
    if slug is None or not is_slug(slug):
        return UploadResult.UNKNOWN

    def attempt() -> tuple[UploadResult, IssueRecord | None] | Literal[Race.LOST]:
        # A removal may be heard of before the upload it follows; then it leaves a record for that one to stumble on.
        before = ports.issues.get(slug)
        if before is not None and removal.older_than(before.sequencer):
            return UploadResult.STALE, None
        if before is None and not removal.sequencer:
            return UploadResult.UNKNOWN, None  # a picture without its issue
        withdrawn = _withdrawn(before or _never_seen(slug, today), removal)
        return (UploadResult.WITHDRAWN, withdrawn) if ports.issues.put(withdrawn, before=before) else LOST

    busy = f"issue {slug} is being changed at the same moment; it will be tried again"
    result, record = win(attempt, busy=busy)
    if record is None:
        return result
    if ports.content.read(removal.key) is not None:
        # It came back in this very moment, and its event may be dealt with already.
        ports.publish_queue.publish_again(slug)
    paused = record.status is IssueStatus.PAUSED and ports.sends.pause(
        slug, "the issue file was removed", by=PausedBy.PERSON, now=now
    )
    ports.publish_queue.refresh_archive(slug)
    return UploadResult.PAUSED if paused else result


def clear_beside(removal: Upload, content: ContentStore) -> None:
    """Remove what we wrote beside a file that is gone."""
    if content.read(removal.key) is None:
        content.clear_problems(removal.key)
        content.clear_preflight(removal.key)


def _withdrawn(record: IssueRecord, removal: Upload) -> IssueRecord:
    return replace(
        record,
        status=AFTER_REMOVAL.get(record.status, record.status),
        withdrawn=True,
        # Brought back, it is news again: the editors see it, and approve it, once more.
        approved="",
        cleared="",
        cleared_headline=None,
        announced="",
        sequencer=max(removal.sequencer, record.sequencer),
    )


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
