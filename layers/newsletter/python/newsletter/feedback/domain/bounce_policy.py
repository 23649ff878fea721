"""Which feedback leads to a suppression."""

from __future__ import annotations

from collections.abc import Sequence

from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind, Reason
from newsletter.readers.domain.suppression import SuppressionReason

AT_ONCE = {
    FeedbackKind.HARD_BOUNCE: SuppressionReason.HARD_BOUNCE,
    FeedbackKind.COMPLAINT: SuppressionReason.COMPLAINT,
}
"""One such event suppresses, whatever its reason."""

NOT_HELD_AGAINST = frozenset(
    {Reason.AUTOMATIC_REPLY, Reason.TOO_LARGE, Reason.CONTENT_REFUSED, Reason.ATTACHMENT_REFUSED, Reason.TOOK_TOO_LONG}
)
"""Soft bounces that say something about our mail or about SES, and nothing about the mailbox."""

MOST_SOFT_BOUNCES = 3
"""So many of the last issues may not bounce softly."""

LAST_ISSUES = 5
"""So many issues a mailbox is judged by: with three bounces among them it was out of order for a month or more."""


def suppresses_at_once(event: FeedbackEvent) -> SuppressionReason | None:
    """Return why this event alone suppresses its recipient, or None."""
    if not event.subscriber_id or event.rehearsed:
        return None
    return AT_ONCE.get(event.kind)


def is_held_against(event: FeedbackEvent) -> bool:
    """Return whether this is a soft bounce of an issue that speaks against the mailbox."""
    soft = event.kind is FeedbackKind.SOFT_BOUNCE and event.reason not in NOT_HELD_AGAINST
    return soft and event.of_an_issue and not event.rehearsed


def bounced_too_often(bounced: Sequence[str], last_issues: Sequence[str]) -> bool:
    """Return whether the mailbox bounced softly on too many of the last issues.

    Args:
        bounced: Slugs of issues that bounced.
        last_issues: Slugs of the issues that went out last, newest first.
    """
    return len(set(bounced) & set(last_issues[:LAST_ISSUES])) >= MOST_SOFT_BOUNCES
