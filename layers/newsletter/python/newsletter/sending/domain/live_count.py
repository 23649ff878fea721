"""How a send stands at this moment: its books, what its workers have in their hands, and how quick they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.sending.domain.batch import Batch, BatchState
from newsletter.sending.domain.books import Books, Tally
from newsletter.sending.domain.outcome import Outcome
from newsletter.sending.domain.send import Send, SendState

LATELY = timedelta(minutes=1)
"""How far back the pace is looked at: batches are written when they are done, some every few seconds."""


@dataclass(frozen=True, slots=True)
class LiveCount:
    """The books, as exact as they can be while workers write them.

    A worker writes down what became of a batch when all its calls to SES are made. Until then those in it count as
    waiting, though SES may have taken their email already: they are told apart, so that nobody promises about them.
    """

    books: Books
    in_hand: int = 0
    """Of those who wait: whose batch a worker holds. They may have it by now, or get it within seconds."""
    sent_lately: int = 0
    """In batches that were written within the last minute."""

    @classmethod
    def of(cls, batches: Iterable[Batch], *, now: datetime) -> LiveCount:
        """Count the batches in one pass and bounded memory."""
        tally, in_hand, lately = Tally(), 0, 0
        for batch in batches:
            tally.add(batch)
            in_hand += len(batch.waiting) if batch.state is BatchState.CLAIMED else 0
            lately += len(batch.with_outcome(Outcome.SENT)) if now - batch.touched_at <= LATELY else 0
        return cls(tally.books, in_hand, lately)

    @property
    def untouched(self) -> int:
        """Who waits and is in nobody's hands: whom a pause or a stop keeps from getting it for sure."""
        return self.books.waiting - self.in_hand

    @property
    def decided(self) -> int:
        """For how many it is decided: sent, skipped or failed."""
        return self.books.audience - self.books.waiting - self.books.unknown

    @property
    def failed(self) -> int:
        """For how many it failed."""
        return sum(self.books.failed.values())

    def not_planned(self, send: Send) -> int:
        """Return how many are expected who have no batch yet; the forecast counted the list at the opening."""
        if send.forecast is None or send.state is SendState.CLOSED or send.reopened:
            return 0
        return max(0, send.forecast.recipients - self.books.audience)

    def left(self, send: Send) -> int:
        """Return for how many it is not decided, with those who have no batch yet."""
        return self.books.waiting + self.books.unknown + self.not_planned(send)

    def time_left(self, send: Send) -> timedelta | None:
        """Return how long the rest takes at the pace of the last minute; None while nothing moves."""
        if not self.sent_lately:
            return None
        return timedelta(seconds=self.left(send) * LATELY.total_seconds() / self.sent_lately)

    def ended_as(self, ends: Collection[Outcome]) -> int:
        """Return how many ended in one of these outcomes, each of them a failure or a skip."""
        kinds = {"failed": self.books.failed, "skipped": self.books.skipped}
        return sum(kinds[outcome.kind].get(outcome.reason, 0) for outcome in ends)
