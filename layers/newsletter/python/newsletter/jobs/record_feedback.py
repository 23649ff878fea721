"""What SES reported: remember acceptance as evidence, and never again mail who bounced or complained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from newsletter.domain.feedback import FeedbackEvent, FeedbackKind
from newsletter.domain.suppression import Suppression, SuppressionReason
from newsletter.errors import StoreBusyError
from newsletter.ports import SendStore, SubscriberStore, SuppressionStore

PROOF_OF_ACCEPTANCE = frozenset(
    {FeedbackKind.SENT, FeedbackKind.DELIVERED, FeedbackKind.SOFT_BOUNCE, FeedbackKind.HARD_BOUNCE,
     FeedbackKind.COMPLAINT, FeedbackKind.DELAYED, FeedbackKind.OPENED, FeedbackKind.CLICKED}
)  # fmt: skip
"""SES reports these only about messages it took."""

SUPPRESSING = {
    FeedbackKind.HARD_BOUNCE: SuppressionReason.HARD_BOUNCE,
    FeedbackKind.COMPLAINT: SuppressionReason.COMPLAINT,
}

TRIES = 10


def record_feedback(
    events: Sequence[FeedbackEvent],
    *,
    sends: SendStore,
    subscribers: SubscriberStore,
    suppressions: SuppressionStore,
) -> None:
    """Record events in any order, any number of times, with one write per batch they speak of.

    Raises:
        StoreBusyError: Something was not recorded; deliver the events again.
    """
    accepted: dict[tuple[str, str], set[str]] = defaultdict(set)
    for event in events:
        if event.kind in PROOF_OF_ACCEPTANCE and event.slug and event.batch and event.subscriber_id:
            accepted[event.slug, event.batch].add(event.subscriber_id)
        reason = SUPPRESSING.get(event.kind)
        if reason is not None and event.subscriber_id:
            suppression = Suppression(event.subscriber_id, reason, event.happened_at, event.slug)
            _suppress(suppression, subscribers, suppressions)
    for (slug, batch), who in accepted.items():
        sends.add_evidence(slug, batch, who)


def _suppress(suppression: Suppression, subscribers: SubscriberStore, suppressions: SuppressionStore) -> None:
    """Suppress first, then take the subscriber out of the audience: a crash between the two mails nobody."""
    suppressions.add(suppression)
    for _ in range(TRIES):
        known = subscribers.get(suppression.subscriber_id)
        if known is None or known.suppressed or subscribers.save(replace(known, suppressed=True)):
            return
    raise StoreBusyError("a suppressed subscriber could not be taken out of the audience")
