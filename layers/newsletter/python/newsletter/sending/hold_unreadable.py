"""Holding a send whose batch cannot be read, whoever meets it first: a planner, a worker or a sweep."""

from __future__ import annotations

from datetime import datetime

from newsletter.sending.domain.send import PausedBy
from newsletter.sending.ports import SendQueues, SendStore

RESTORE = "`newsletter send repair` shows what it can be rebuilt from; then resume the send. See docs/operate.md."
"""What to do about a batch that cannot be read: its readers have neither a mail nor an outcome until it can."""


def hold_unreadable(slug: str, problem: object, *, sends: SendStore, queues: SendQueues, now: datetime) -> None:
    """Pause the send until somebody restores the batch; settle tells the editors."""
    if sends.pause(slug, f"{problem} {RESTORE}", by=PausedBy.RECORD, now=now):
        queues.settle(slug)
