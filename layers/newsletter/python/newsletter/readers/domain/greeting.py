"""A wish to write to one subscriber, left in a queue so that the form answers everybody in the same time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

TO_STRANGERS = frozenset({"confirmation", "address_change_confirm", "reminder"})
"""Mail to an address that nobody has confirmed yet."""


class Occasion(StrEnum):
    """Why we might write. What is written, if anything, depends on how the subscriber stands by then."""

    SIGN_UP = "sign_up"
    """Somebody typed this address into the form."""
    WELCOME = "welcome"
    """The subscriber pressed the button."""
    LEAVE_LINK = "leave_link"
    """Somebody asked for a link to leave, without an old mail at hand."""
    MOVING = "moving"
    """The subscriber asked us to write to another address; this one is told."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """One wish. It carries an id, never an address."""

    occasion: Occasion
    subscriber_id: str
    asked_at: datetime
