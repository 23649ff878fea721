"""The books of a send: audience = sent + skipped + failed, and nobody unknown when it closes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from newsletter.core.stored import known_fields
from newsletter.sending.domain.batch import SWEEP_ROUND, Batch
from newsletter.sending.domain.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Books:
    """How many recipients ended how."""

    audience: int
    sent: int = 0
    waiting: int = 0
    unknown: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    """By reason."""
    failed: dict[str, int] = field(default_factory=dict)
    """By reason."""
    found_late: int = 0
    """How many of the audience were found only when the list itself was compared with what was planned."""
    perhaps_twice: int = 0
    """How many may have been mailed twice: SES may have taken an earlier email to them, and another was handed over."""

    def to_json(self) -> str:
        """Return the same text for the same books."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, books_json: str) -> Books:
        """Return the books that `to_json` wrote, in this release or another."""
        return cls(**known_fields(cls, json.loads(books_json)))

    @property
    def balanced(self) -> bool:
        """Whether everybody is accounted for."""
        accounted = self.sent + sum(self.skipped.values()) + sum(self.failed.values())
        return self.audience == accounted and not self.waiting and not self.unknown


class Tally:
    """The books of a send while its batches are counted, one after the other."""

    def __init__(self) -> None:
        self._audience = self._sent = self._waiting = self._unknown = self._found_late = self._perhaps_twice = 0
        self._skipped: dict[str, int] = {}
        self._failed: dict[str, int] = {}

    def add(self, batch: Batch) -> None:
        """Count what became of everybody in this batch."""
        if batch.is_end:
            return
        number = len(batch.ids)
        self._audience += number
        if batch.round == SWEEP_ROUND:
            self._found_late += number
        if batch.repeats:
            self._perhaps_twice += len(batch.perhaps_twice)
        for outcome in batch.outcomes:
            if outcome is Outcome.SENT:
                self._sent += 1
            elif outcome is None:
                self._waiting += 1
            elif outcome is Outcome.UNKNOWN:
                self._unknown += 1
            else:
                by_reason = self._skipped if outcome.kind == "skipped" else self._failed
                by_reason[outcome.reason] = by_reason.get(outcome.reason, 0) + 1

    def add_books(self, books: Books) -> None:
        """Count what is in the books of a part of the send."""
        if not books.audience:
            return
        self._audience += books.audience
        self._sent += books.sent
        self._waiting += books.waiting
        self._unknown += books.unknown
        self._found_late += books.found_late
        self._perhaps_twice += books.perhaps_twice
        for sums, of_part in ((self._skipped, books.skipped), (self._failed, books.failed)):
            for reason, number in of_part.items():
                sums[reason] = sums.get(reason, 0) + number

    @property
    def books(self) -> Books:
        """What was counted so far."""
        return Books(
            audience=self._audience,
            sent=self._sent,
            waiting=self._waiting,
            unknown=self._unknown,
            skipped=dict(self._skipped),
            failed=dict(self._failed),
            found_late=self._found_late,
            perhaps_twice=self._perhaps_twice,
        )


def tally(batches: Iterable[Batch]) -> Books:
    """Return the books as the batches stand; counted from the outcomes themselves, so they cannot drift."""
    counted = Tally()
    for batch in batches:
        counted.add(batch)
    return counted.books
