"""What SES tells us afterwards about one message to one recipient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FeedbackKind(StrEnum):
    """A closed list, with a place for what we do not know yet."""

    SENT = "sent"
    """SES accepted the message: the evidence that settles an unknown outcome."""
    DELIVERED = "delivered"
    """The mailbox provider took it."""
    SOFT_BOUNCE = "soft_bounce"
    """Full, too large, or a passing fault."""
    HARD_BOUNCE = "hard_bounce"
    """The mailbox does not exist."""
    COMPLAINT = "complaint"
    """The reader pressed the spam button."""
    REJECTED = "rejected"
    """SES found a virus."""
    RENDERING_FAILED = "rendering_failed"
    """A variable had no value; nothing was mailed."""
    DELAYED = "delayed"
    """The provider asks SES to come back later."""
    OPENED = "opened"
    CLICKED = "clicked"
    UNKNOWN = "unknown"
    """A type SES has added since; kept and counted, never dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackEvent:
    """One thing that happened to one recipient of one message."""

    kind: FeedbackKind
    message_id: str
    happened_at: datetime
    subscriber_id: str = ""
    """From the tag we gave the message; empty on mail that is not to a subscriber."""
    slug: str = ""
    batch: str = ""
    detail: str = ""
    """Sub-type or reason, in SES's words."""
