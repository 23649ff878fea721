"""Opening a send: lock the issue to its content, write the header, and ask for its page, which wakes the planners."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.ports import IssueStore, PublishQueue
from newsletter.sending.domain.send import PausedBy, Send
from newsletter.sending.ports import SendQueues, SendStore
from newsletter.sending.readers_of_issue import ReadersOfIssue, readers_without_choice


@dataclass(frozen=True, slots=True)
class Opening:
    """What opening a send touches, and how it is cut."""

    issues: IssueStore
    sends: SendStore
    queues: SendQueues
    publish_queue: PublishQueue
    needs_approval: bool
    """Whether only approved content is sent."""
    shards: int
    readers_of: ReadersOfIssue = readers_without_choice


def open_send(record: IssueRecord, *, opening: Opening, now: datetime) -> Send | None:
    """Open the send of a ready issue, or finish opening one that a crash left half open.

    Each step can be repeated: the lock is conditional, the header is written once, a shard that is planned already
    plans nothing, and a second look by settle finds nothing to do.

    Returns:
        The send as it stands, or None when the issue is not ready with this content any more, held, or not approved.
    """
    issues, sends, queues = opening.issues, opening.sends, opening.queues
    locked_to, meant = record.content_hash, record
    if not issues.begin_sending(record.slug, record.content_hash, needs_approval=opening.needs_approval):
        current = issues.get(record.slug)
        if current is None or current.status not in (IssueStatus.SENDING, IssueStatus.PAUSED):
            return None
        if current.status is IssueStatus.PAUSED and sends.get(record.slug) is not None:
            return None
        # Cut off behind the lock. A correction may have come since: it is for the page, and nobody approved it.
        locked_to, meant = current.sent_hash or locked_to, current
    goes_to = opening.readers_of(meant, now)
    header = Send(
        slug=record.slug, content_hash=locked_to, shards=opening.shards, swept_in=opening.shards, opened_at=now,
        audience=meant.audience, reading_rhythm=goes_to.reading_rhythm, month=goes_to.month,
    )  # fmt: skip
    send = sends.open(header)
    current = issues.get(record.slug)
    if current is None or current.held or current.status is not IssueStatus.SENDING:
        # Taken back between the lock and the header: whoever did it found no send to hold, so we hold it.
        removed = current is None or current.withdrawn
        because = "the issue file was removed" if removed else "somebody held the issue while its send was opened"
        sends.pause(send.slug, because, by=PausedBy.PERSON, now=now)
        return None
    # The page stands before the first mail leaves: whoever writes it wakes the planners.
    opening.publish_queue.refresh_archive(send.slug, then_plan=True)
    queues.warm_up(send.slug)  # while the page is written: a function that starts takes a second
    queues.settle(send.slug)  # the first look says what is to be expected
    return send
