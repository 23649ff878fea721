"""The moment at which an issue goes out that waits for no slot: at once, or at an hour of its own."""

from __future__ import annotations

import math
from datetime import datetime
from zoneinfo import ZoneInfo

from newsletter.core.slot import Rhythm
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.ports import PublishPorts, PublishQueue

LONGEST_DELAY = 900
"""Seconds that SQS keeps a message back, at most."""


def leaves_at(
    record: IssueRecord, known_record: IssueRecord | None, *, ports: PublishPorts, rhythm: Rhythm, now: datetime
) -> datetime | None:
    """Return when an issue that asks to go out at once does, and one with its own hour may; None for all others.

    Whoever has an editor's key mails everybody with one upload. So the editors hear of it first, and can hold it: the
    time runs from their mail about exactly this version (`known_record` is the record that they know). What one of them
    approved has been looked at.
    """
    at_its_hour = record.send is SendPolicy.AT and record.status is IssueStatus.READY and not ports.needs_approval
    at_once = record.send is SendPolicy.NOW and record.due(rhythm.local_date(now), needs_approval=ports.needs_approval)
    if not at_its_hour and not at_once:
        return None
    if ports.needs_approval:
        return now
    if known_record is not None and known_record.leaves_at and known_record.content_hash == record.content_hash:
        return known_record.leaves_at
    return now + ports.send_now_delay


def leaves_now(record: IssueRecord, *, ports: PublishPorts, now: datetime) -> bool:
    """Return whether the send is to be opened; ask for another look at the moment in which it is."""
    if record.status is IssueStatus.SENDING:
        # The first try was cut off before it opened the send, and opening twice opens once.
        return record.send is SendPolicy.NOW
    if record.leaves_at is None or record.send is not SendPolicy.NOW:
        return False
    if record.leaves_at > now:
        seconds = math.ceil((record.leaves_at - now).total_seconds())
        ports.publish_queue.publish_again(record.slug, delay=min(seconds, LONGEST_DELAY))
        return False
    return True


def await_hour(record: IssueRecord, *, publish_queue: PublishQueue, zone: ZoneInfo, now: datetime) -> bool:
    """Ask for the send at the hour of this issue; return whether that is near enough to be asked for.

    Asking twice is harmless: whoever gets the message sends what is due by then, once.

    Args:
        record: The issue, as somebody has just read or written it.
        publish_queue: What wakes whoever sends it.
        zone: The newsletter's time zone.
        now: The moment.
    """
    moment = record.goes_at(zone)
    if moment is None or record.status is not IssueStatus.READY:
        return False
    seconds = math.ceil((moment - now).total_seconds())  # never a second early
    if seconds > LONGEST_DELAY:
        return False
    publish_queue.send_at_hour(record.slug, delay=max(seconds, 0))
    return True
