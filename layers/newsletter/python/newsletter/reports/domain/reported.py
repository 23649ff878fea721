"""Whether SES's reports arrived: how many of the messages of a send that it took it told us about."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from newsletter.feedback.domain.feedback import FeedbackKind
from newsletter.feedback.domain.results import IssueResults
from newsletter.sending.domain.send import Send

COMPARED_AFTER = timedelta(hours=1)
"""After the closing. Reports come within seconds; by then even those are here that were read at the third time."""

ENOUGH = 0.95
"""SES does not promise that no event is lost. Below this share it is not single events that are missing."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A closed send, as its books and SES's reports have it."""

    accepted: int
    """Messages that SES took, by the books."""
    reported: int
    """Messages of which SES said so afterwards."""
    compared: bool
    """Whether the reports had the time that they take."""

    @classmethod
    def of(cls, send: Send, results: IssueResults, *, now: datetime) -> Reported:
        """Compare the two."""
        compared = send.closed_at is not None and now >= send.closed_at + COMPARED_AFTER
        return cls(send.books.sent if send.books else 0, results.totals.get(FeedbackKind.SENT, 0), compared)

    @property
    def missing(self) -> bool:
        """Whether so many reports are missing that bounces and complaints went unheard."""
        return self.compared and self.reported < self.accepted * ENOUGH

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self) | {"missing": self.missing}
