"""What of SES's reports is kept in their second place, and whom it proves to be accepted."""

from __future__ import annotations

from collections.abc import Iterable

from newsletter.feedback.domain.engagement import ENGAGEMENT
from newsletter.feedback.domain.feedback import PROOF_OF_ACCEPTANCE, TAKEN_BACK, FeedbackEvent


def is_archived(event: FeedbackEvent) -> bool:
    """Return whether the event is kept: about a recipient of a send, and neither an open nor a click.

    Who opened or clicked is forgotten after two days, and must not stay elsewhere for longer.
    """
    return event.of_an_issue and event.kind not in ENGAGEMENT


def accepted_in(events: Iterable[FeedbackEvent]) -> frozenset[tuple[str, str]]:
    """Return part and id of everybody whom SES took and did not take back, by these events."""
    taken: set[tuple[str, str]] = set()
    taken_back: set[tuple[str, str]] = set()
    for event in events:
        if event.kind in PROOF_OF_ACCEPTANCE:
            taken.add((event.part, event.subscriber_id))
        elif event.kind in TAKEN_BACK:
            taken_back.add((event.part, event.subscriber_id))
    return frozenset(taken - taken_back)
