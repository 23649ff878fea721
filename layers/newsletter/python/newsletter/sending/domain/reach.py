"""Whom a send reached of all who could be mailed; who is missing, and with which command they are reached after all."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from newsletter.sending.domain.books import Books
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Send

REPAIR = ("newsletter send repair {slug}", "newsletter subscribers repair <id>")
RETRY = "newsletter send retry-failed {slug}"
REST = "newsletter send rest {slug}"

REMEDIES: dict[Outcome, tuple[str, ...]] = {
    Outcome.CANCELLED: (REST,),
    Outcome.REJECTED: (RETRY,),
    Outcome.GAVE_UP: (RETRY,),
    Outcome.UNPROVEN: (RETRY,),
    Outcome.RENDERING: (RETRY,),
    Outcome.UNREADABLE: (*REPAIR, RETRY),
}
"""What reaches whoever ended like this, in this order. Everybody else who was not sent to may not be mailed."""


@dataclass(frozen=True, slots=True)
class Missed:
    """Readers who could have been mailed and were not, for one reason."""

    outcome: str
    readers: int
    remedies: tuple[str, ...]
    """Commands, in the order in which to run them. None for a rehearsal, which is simply repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whom a send reached."""

    reached: int
    possible: int
    """All who could be mailed: not those who left, bounced, or asked for quiet."""
    missed: tuple[Missed, ...]
    perhaps_twice: int
    """Who may have got it more than once, whatever is on record as their outcome."""

    @classmethod
    def of(cls, send: Send, books: Books) -> Reach:
        """Read it from the books."""
        kinds = {"skipped": books.skipped, "failed": books.failed}
        missed = tuple(
            Missed(
                outcome, number, () if send.rehearsal_of else tuple(each.format(slug=send.slug) for each in remedies)
            )
            for outcome, remedies in REMEDIES.items()
            if (number := kinds[outcome.kind].get(outcome.reason, 0))
        )
        possible = books.sent + sum(each.readers for each in missed)
        return cls(reached=books.sent, possible=possible, missed=missed, perhaps_twice=books.perhaps_twice)

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        missed = [
            {"outcome": str(each.outcome), "readers": each.readers, "remedies": list(each.remedies)}
            for each in self.missed
        ]
        return asdict(self) | {"missed": missed}
