"""A change of address that waits for the new address to confirm it.

It is kept on the record of the reader who asked for it. The record of the new address, which may wait for a sign-up of
somebody else, is neither read nor written before the link that was mailed there is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newsletter.core.stored import known_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Where a reader wants the newsletter from now on."""

    new_id: str
    email: str
    """The new address."""
    asked_at: datetime
    mailed_at: datetime | None = None
    """When the new address got the link that confirms the change."""
    notice_at: datetime | None = None
    """When the present address was informed."""

    def as_held(self) -> dict[str, str]:
        """Return the move as texts, for the table. Shape: its fields, moments in ISO format, without empty ones."""
        moments = {"asked_at": self.asked_at, "mailed_at": self.mailed_at, "notice_at": self.notice_at}
        return {
            "new_id": self.new_id,
            "email": self.email,
            **{name: moment.isoformat() for name, moment in moments.items() if moment},
        }

    def as_shown(self) -> dict[str, str]:
        """Return what the reader may see of it. Shape: {"email", "asked_at"}."""
        return {"email": self.email, "asked_at": self.asked_at.isoformat()}

    @classmethod
    def from_held(cls, texts: dict[str, str]) -> Move:
        """Return the move that `as_held` wrote."""
        moments = ("asked_at", "mailed_at", "notice_at")
        fields: dict[str, Any] = {
            name: datetime.fromisoformat(text) if name in moments else text
            for name, text in known_fields(cls, texts).items()
        }
        return cls(**fields)
