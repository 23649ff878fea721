"""Ports of forgetting what became of single readers in old sends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from newsletter.core.ports import Clock
from newsletter.issues.ports import IssueStore
from newsletter.sending.ports import SendStore

AT_LEAST = timedelta(days=14)
"""The second report of a send is written after two days, and may be late; before that its outcomes are needed."""


class OutcomeStore(Protocol):
    """What names readers in the partition of a send: its batches, what SES reported, opens and clicks."""

    def expire(self, slug: str, *, now: datetime, until: datetime) -> tuple[int, bool]:
        """Let everything that names readers expire from now on.

        Args:
            slug: Of the send.
            now: When it expires.
            until: When to stop.

        Returns:
            How many items were told so, and whether those are all.
        """
        ...


@dataclass(frozen=True, slots=True)
class OutcomePorts:
    """What forgetting outcomes touches."""

    issues: IssueStore
    sends: SendStore
    outcomes: OutcomeStore
    clock: Clock
    forget_after_days: int
    """Days after the closing of a send; 0 is never."""

    def closed_before(self, now: datetime) -> datetime | None:
        """Return the moment before which a send was closed whose outcomes are forgotten by now; None if none are."""
        return now - max(timedelta(days=self.forget_after_days), AT_LEAST) if self.forget_after_days else None
