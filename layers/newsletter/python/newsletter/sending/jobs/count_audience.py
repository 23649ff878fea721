"""Counting the audience now and then, for whoever may know its size and not who is in it."""

from __future__ import annotations

from datetime import datetime, timedelta

from newsletter.readers.ports import Audience
from newsletter.sending.ports import AudienceCount

FRESH_FOR = timedelta(hours=1)
"""Counting a million takes a hundred pages of the index, 0.0015 USD: each hour about a dollar a month."""


SMALL = 10_000
"""A list up to here is counted at every look: it takes one page a shard, and a young list changes by the minute."""


def count_audience(audience: Audience, kept: AudienceCount, *, now: datetime) -> int | None:
    """Count the confirmed subscribers, of a large list once an hour; return how many, or None if it was not due."""
    last = kept.last()
    if last is not None and last[0] > SMALL and now - last[1] < FRESH_FOR:
        return None
    count = audience.size()
    kept.keep(count, now=now)
    return count
