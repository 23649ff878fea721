"""The newsletter: who writes to whom."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Newsletter:
    """What every mail and every page says about its publisher."""

    name: str
    sender_email: str
    reply_to: str
    postal_address: str
    """One line or several; the law of most countries asks for it in each mail."""
    editor_email: str
