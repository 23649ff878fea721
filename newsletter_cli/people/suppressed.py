"""Suppressions, with the address where there still is a record."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from newsletter.readers.domain.suppression import SuppressionReason
from newsletter.wiring import App

PAGE = 100
"""As many records as one call reads."""


def suppressed_people(app: App, *, reason: SuppressionReason | None = None) -> Iterator[dict[str, Any]]:
    """Yield suppressions.

    Shape: {"subscriber_id", "reason", "since", "slug", "note", "email"}, the last three if there are any.
    """
    wanted = (each for each in app.suppressions.everyone() if reason in (None, each.reason))
    while page := list(islice(wanted, PAGE)):
        subscribers = app.subscribers.get_many([each.subscriber_id for each in page])
        for each in page:
            subscriber = subscribers.get(each.subscriber_id)
            said = {
                "subscriber_id": each.subscriber_id,
                "reason": str(each.reason),
                "since": each.since.isoformat(),
                "slug": each.slug,
                "note": each.note,
                "email": subscriber.email if subscriber else "",
            }
            yield {name: value for name, value in said.items() if value}
