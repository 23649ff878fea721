"""The calendar's items as they are put back from a backup, see `dynamo_calendar`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from newsletter.calendar.adapters.dynamo_calendar import PARTITION, WATCH


def restored_calendar(item: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    """Return an item of the table `sends` so that slots from before now are left alone; others stay as they are."""
    if item["slug"]["S"] == PARTITION and item["item"]["S"] == WATCH:
        return {**item, "since": {"S": now.isoformat()}}
    return item
