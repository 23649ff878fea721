"""Public holidays, for an editor who decides about days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Holidays:
    """The public holidays of one country."""

    country: str = ""
    """ISO 3166, two letters; empty where none is known."""
    names: Mapping[date, str] = field(default_factory=dict)
    last_year: int = 0
    """Nothing is known of what comes after it; 0 where no holiday is known at all."""

    def on(self, day: date) -> str:
        """Return the name of the holiday on this day; nothing on any other day."""
        return self.names.get(day, "")
