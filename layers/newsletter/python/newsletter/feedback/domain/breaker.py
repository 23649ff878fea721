"""The circuit breaker: when bounces or complaints say that mailing on would do harm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from newsletter.feedback.domain.feedback import FeedbackEvent, FeedbackKind, Reason

COUNTED = frozenset({FeedbackKind.SENT, FeedbackKind.HARD_BOUNCE, FeedbackKind.COMPLAINT})

FEWEST = 2
"""One reader is no pattern: a single complaint among 500 is twice what SES tolerates over millions."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """How much is too much; SES puts an account under review at 50 bounces and 1 complaint in a thousand.

    Source: https://docs.aws.amazon.com/ses/latest/dg/faqs-enforcement.html
    """

    sample: int
    """Mails that SES must have accepted before anything is judged."""
    bounces: int
    """Most hard bounces in a thousand mails."""
    complaints: int
    """Most complaints in a thousand mails."""

    def verdict(self, counts: Mapping[FeedbackKind, int]) -> str:
        """Return the evidence in a sentence if these mails should be the last ones, or nothing."""
        mailed = counts.get(FeedbackKind.SENT, 0)
        if mailed < self.sample:
            return ""
        said = (
            _evidence(counts.get(FeedbackKind.HARD_BOUNCE, 0), mailed, self.bounces, "bounced permanently"),
            _evidence(counts.get(FeedbackKind.COMPLAINT, 0), mailed, self.complaints, "were marked as spam"),
        )
        return "; ".join(each for each in said if each)


OF_ONE_NETWORK = Breaker(sample=5, bounces=200, complaints=25)
"""Of sign-ups from one network, which are a few dozen an hour at most. Where a whole office signs up one in twenty
mistypes the address; where somebody types what they make up, most bounce. Whoever is held loses hours, and no more."""


def counts(event: FeedbackEvent, *, since: datetime | None) -> bool:
    """Return whether this says for or against us, of a mail that left since then, that people want our mail.

    What SES stopped because the address is on the account's own list hurts nobody, and SES does not count it either.
    """
    new = since is None or event.mailed_at >= since
    return new and event.kind in COUNTED and event.reason is not Reason.ON_OUR_LIST


def _evidence(number: int, mailed: int, most: int, what: str) -> str:
    if number < FEWEST or number * 1000 <= mailed * most:
        return ""
    return f"{number} of {mailed} emails {what} ({number / mailed:.1%}; the limit is {most / 1000:.1%})"
