"""Outcomes: what became of one recipient of one send. Every recipient ends in exactly one."""

from __future__ import annotations

from enum import StrEnum

WAITING = "waiting"
"""What is said of whoever has no outcome yet."""


class Outcome(StrEnum):
    """A closed list; the part before the colon is the kind, the part after it the reason."""

    SENT = "sent"
    """SES accepted the message."""
    UNKNOWN = "unknown"
    """SES may have accepted it; evidence or the grace period will tell. Never the last word."""

    LEFT = "skipped:left"
    """Unsubscribed between the planning and the send."""
    UNCONFIRMED = "skipped:unconfirmed"
    """On no account mailable: the record says not confirmed."""
    SUPPRESSED = "skipped:suppressed"
    """Bounced or complained before."""
    PAUSED = "skipped:paused"
    """Asked for quiet until a later day."""
    MUTED = "skipped:muted"
    """Muted everything this issue is about."""
    ERASED = "skipped:erased"
    """No record of this subscriber any more."""
    MOVED = "skipped:moved"
    """The reader has another address by now, and another place in this send, which counts."""
    CANCELLED = "skipped:cancelled"
    """The send was stopped before their turn came."""

    REJECTED = "failed:rejected"
    """SES refused this message for good."""
    GAVE_UP = "failed:gave_up"
    """SES answered FAILED again and again."""
    UNPROVEN = "failed:unproven"
    """SES may have accepted it and never said so, and another attempt was not allowed."""
    RENDERING = "failed:rendering"
    """SES accepted the message, and then could not fill in its variables."""
    UNREADABLE = "failed:unreadable"
    """What is stored about the reader cannot be read, so nobody knows whether they may be mailed, and where."""

    @property
    def kind(self) -> str:
        """The word of the books: sent, skipped, failed or unknown."""
        return self.value.partition(":")[0]

    @property
    def reason(self) -> str:
        """Why it was skipped or failed; empty otherwise."""
        return self.value.partition(":")[2]
