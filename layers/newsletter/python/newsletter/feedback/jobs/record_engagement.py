"""Opens and clicks: remember them by the part of a batch, and draw no consequences for anybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from newsletter.errors import StoreBusyError
from newsletter.feedback.domain.engagement import LONGEST_LINK, Touch, touch_of
from newsletter.feedback.domain.feedback import FeedbackEvent
from newsletter.feedback.ports import EngagementStore


def record_engagement(
    events: Iterable[FeedbackEvent], *, engagement: EngagementStore | None, now: datetime
) -> set[FeedbackEvent]:
    """Record opens and clicks in any order, any number of times.

    Args:
        events: About recipients of our sends.
        engagement: Where they are kept; None if nobody wants to know, and then they are forgotten.
        now: The time.

    Returns:
        The events to deliver again.
    """
    if engagement is None:
        return set()
    by_send: dict[str, list[FeedbackEvent]] = defaultdict(list)
    for event in events:
        by_send[event.slug].append(event)
    failed: set[FeedbackEvent] = set()
    for slug, about in by_send.items():
        parts: dict[str, set[Touch]] = defaultdict(set)
        links: dict[str, str] = {}
        for event in about:
            if touch := touch_of(event):
                parts[event.part].add(touch)
                if touch.link:
                    links[touch.link] = event.link[:LONGEST_LINK]
        try:
            if parts:
                engagement.record(slug, parts, links, now=now)
        except StoreBusyError:
            failed.update(about)
    return failed
