"""What SES reported about a send, added up: exact, however often and in whatever order its events arrived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from newsletter.feedback.domain.feedback import FeedbackKind, Reason, RecordedEvent
from newsletter.feedback.domain.mailbox_provider import Provider

RecordedEvents = Mapping[FeedbackKind, Collection[RecordedEvent]]
"""What happened in one batch, by kind."""


@dataclass(frozen=True, slots=True)
class IssueResults:
    """Recipients by what happened to them; each counts once for each kind, at its first moment."""

    totals: Mapping[FeedbackKind, int]
    """`sent` is whom SES is known to have accepted."""
    reasons: Mapping[tuple[FeedbackKind, Reason], int]
    providers: Mapping[tuple[FeedbackKind, Provider], int]
    minutes: Mapping[tuple[FeedbackKind, datetime], int]
    """How many in each minute in which there were any."""

    @classmethod
    def of(cls, reported: Iterable[tuple[Collection[str], RecordedEvents]]) -> IssueResults:
        """Add up the evidence of a send: who was accepted, and what happened then; in one pass and bounded memory."""
        totals: Counter[FeedbackKind] = Counter()
        reasons: Counter[tuple[FeedbackKind, Reason]] = Counter()
        providers: Counter[tuple[FeedbackKind, Provider]] = Counter()
        minutes: Counter[tuple[FeedbackKind, datetime]] = Counter()
        for accepted, recorded_by_kind in reported:
            totals[FeedbackKind.SENT] += len(accepted)
            for kind, recorded in recorded_by_kind.items():
                for first in _first_of_each(recorded):
                    totals[kind] += 1
                    reasons[kind, first.reason] += 1
                    providers[kind, first.provider] += 1
                    minutes[kind, first.at] += 1
        return cls(totals, reasons, providers, minutes)


def _first_of_each(recorded: Iterable[RecordedEvent]) -> Iterable[RecordedEvent]:
    """Return the first event of each recipient: a delayed mail may be delayed again."""
    first: dict[str, RecordedEvent] = {}
    for event in recorded:
        earlier = first.get(event.subscriber_id)
        if earlier is None or event < earlier:
            first[event.subscriber_id] = event
    return first.values()
