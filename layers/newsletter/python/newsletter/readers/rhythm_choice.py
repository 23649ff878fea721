"""A reader chooses how often to hear from us: every issue when it goes out, or a digest of each month."""

from __future__ import annotations

from dataclasses import replace

from newsletter.core.audience.reading_rhythm import ReadingRhythm, month_before, next_month
from newsletter.readers.domain.subscriber import Subscriber


def with_rhythm(subscriber: Subscriber, reading_rhythm: ReadingRhythm, *, month: str) -> Subscriber:
    """Return the subscriber who chose how often to hear from us; it counts from the next month on.

    What they were to get of this month, and of the one whose digest may still be on its way, stays as it was: so nobody
    gets anything twice, or misses anything. Whoever takes the choice back in the same month has changed nothing.

    Args:
        subscriber: As on record.
        reading_rhythm: What they chose.
        month: The present one, by the newsletter's clock.
    """
    if reading_rhythm is subscriber.reading_rhythm:
        return subscriber
    owed = tuple(each for each in (month_before(month), month) if subscriber.gets_digest_of(each))
    since = next_month(month) if reading_rhythm is ReadingRhythm.MONTHLY else ""
    return replace(subscriber, digest_since=since, digest_months=owed)
