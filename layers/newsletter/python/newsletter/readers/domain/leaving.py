"""The form behind the unsubscribe link: what a reader may ask for, and which page answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from newsletter.readers.domain.subscriber import LEAVING_REASONS
from newsletter.web.form import day_of


class LeavingAction(StrEnum):
    """What the page behind the unsubscribe link offers; the values are those of its buttons."""

    LEAVE = "leave"
    UNDO = "undo"
    REASON = "reason"
    PAUSE = "pause"
    RESUME = "resume"


class LeavingPage(StrEnum):
    """Which page answers; the values are the names of the templates."""

    UNSUBSCRIBED = "unsubscribed"
    UNDONE = "undone"
    THANKED_FOR_REASON = "thanked_for_reason"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class LeavingForm:
    """What a reader asked for."""

    action: LeavingAction
    reason: str = ""
    rests_until: date | None = None

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> LeavingForm:
        """Return what the fields of a form say.

        Whatever names no other action unsubscribes: the one-click request of a mail program (RFC 8058) names none.

        Raises:
            InvalidRequestError: The end of the rest is not a day.
        """
        named = fields.get("action", "")
        action = LeavingAction(named) if named in set(LeavingAction) else LeavingAction.LEAVE
        rests_until = day_of(fields.get("pause_until", "")) if action is LeavingAction.PAUSE else None
        return cls(action, fields.get("reason", ""), rests_until)


@dataclass(frozen=True, slots=True)
class LeavingAnswer:
    """What the reader sees next."""

    page: LeavingPage
    subscriber_id: str
    """Of the record that was changed."""
    lang: str = ""
    """Of the reader; empty for the best of the browser's."""
    rests_until: date | None = None

    @property
    def context(self) -> dict[str, Any]:
        """What the page shows. Shape: variables of the templates."""
        return {"until": self.rests_until, "reasons": LEAVING_REASONS}
