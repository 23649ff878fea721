"""What EventBridge Scheduler says when a slot has come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from newsletter.errors import MalformedMessageError


def read_slot(event: Mapping[str, Any]) -> datetime:
    """Return the moment for which the clock struck.

    Raises:
        MalformedMessageError: The event names none.
    """
    try:
        moment = datetime.fromisoformat(event["scheduled_time"])
    except (KeyError, TypeError, ValueError) as exc:
        raise MalformedMessageError("the event holds no scheduled_time such as 2026-12-01T09:00:00Z") from exc
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
