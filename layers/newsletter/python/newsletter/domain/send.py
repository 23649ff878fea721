"""A send: one issue going out to the audience."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from newsletter.domain.books import Books


class SendState(StrEnum):
    """Where a send stands."""

    OPEN = "open"
    """Planning or sending."""
    PAUSED = "paused"
    """Held; nothing is handed to SES until somebody resumes it."""
    CLOSED = "closed"
    """Everybody is accounted for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """The header of a send: what goes out, and how it stands."""

    slug: str
    content_hash: str
    """The send is locked to exactly this content."""
    shards: int
    opened_at: datetime
    state: SendState = SendState.OPEN
    paused_because: str = ""
    closed_at: datetime | None = None
    books: Books | None = None
    """Final, once the send is closed."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One message of a bulk call: where it goes, and what is personal about it."""

    subscriber_id: str
    email: str
    variables: dict[str, str]
    headers: tuple[tuple[str, str], ...]
    tags: dict[str, str]
