"""An invitation: somebody was added to the team, and an email says so to them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who is invited by whom; ids alone, for a queue."""

    member_id: str
    by: str = ""
    """The member who invited them; empty for somebody at the command line."""
