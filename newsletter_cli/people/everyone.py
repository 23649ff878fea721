"""People as programs and files see them."""

from __future__ import annotations

from typing import Any

from newsletter.readers.domain.subscriber import Subscriber


def as_shown(subscriber: Subscriber) -> dict[str, Any]:
    """Return everything we hold about somebody, their id first; the version where the backend tells it."""
    held = {"subscriber_id": subscriber.subscriber_id, **subscriber.as_held(), "suppressed": subscriber.suppressed}
    return {**held, "version": subscriber.version} if subscriber.version else held


def day(moment: Any) -> str:
    """Return the day of a moment, or nothing."""
    return f"{moment:%Y-%m-%d}" if moment else ""
