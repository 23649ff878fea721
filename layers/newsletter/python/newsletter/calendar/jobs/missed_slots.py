"""Slots for which the clock did not strike."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import takewhile

from newsletter.calendar.domain.notice import Notice
from newsletter.calendar.ports import SlotCalendar
from newsletter.core.slot import Rhythm

PATIENCE = timedelta(minutes=5)
"""For the clock itself: EventBridge Scheduler strikes within the minute, and a first try of the function may fail."""

LOOK_BACK = timedelta(days=2)
"""A slot that was missed for longer has been noticed by people, who by now may have done something else about it."""


def missed_slots(*, rhythm: Rhythm, calendar: SlotCalendar, now: datetime) -> list[datetime]:
    """Return the slots of the last two days that passed without being fired, oldest first.

    A clock is silent when its local time does not exist that day, or when its event is lost. A slot from before the
    first look is left alone: nobody waits for an issue of a newsletter that was not there.
    """
    since = max(calendar.watched_since(now), now - LOOK_BACK)
    passed = takewhile(lambda slot: slot <= now - PATIENCE, rhythm.slots_after(since))
    return [slot for slot in passed if Notice.FIRED not in calendar.notices(rhythm.day_of(slot))]
