"""Issues whose own hour passed without a send, whoever or whatever is the reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from newsletter.calendar.domain.hour import BEFORE_THE_SEND
from newsletter.calendar.ports import SlotCalendar
from newsletter.issues.ports import IssueStore

PATIENCE = timedelta(minutes=15)
"""An hour whose message was lost is fired by the watch within this time."""

LOOK_BACK = timedelta(days=1)
"""Long enough for somebody who sleeps; later on the editors know."""


def unstarted_hours(*, issues: IssueStore, calendar: SlotCalendar, zone: ZoneInfo, now: datetime) -> list[datetime]:
    """Return the hours of the last day at which an issue was to go out and did not; a moved issue has another hour."""
    since = max(calendar.watched_since(now), now - LOOK_BACK)
    records = [record for status in BEFORE_THE_SEND for record in issues.with_status(status) if not record.withdrawn]
    hours = [record.goes_at(zone) for record in records]
    return [hour for hour in hours if hour is not None and since < hour <= now - PATIENCE]
