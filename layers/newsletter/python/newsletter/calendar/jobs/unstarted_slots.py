"""Slots that passed without a send, whoever or whatever is the reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import takewhile

from newsletter.calendar.ports import SlotCalendar, SlotStore
from newsletter.core.slot import Rhythm
from newsletter.sending.ports import SendStore

PATIENCE = timedelta(minutes=15)
"""A slot for which the clock did not strike is fired by the watch within this time."""

LOOK_BACK = timedelta(days=1)
"""Long enough for somebody who sleeps; later on the editors know, and the next slot is what counts."""


def unstarted_slots(
    *, rhythm: Rhythm, calendar: SlotCalendar, slots: SlotStore, sends: SendStore, now: datetime
) -> list[datetime]:
    """Return the slots of the last day that no issue went out for, oldest first; a skipped day is no slot."""
    since = max(calendar.watched_since(now), now - LOOK_BACK)
    passed = takewhile(lambda slot: slot <= now - PATIENCE, rhythm.slots_after(since))
    return [slot for slot in passed if not _started(slots, sends, rhythm, slot)]


def _started(slots: SlotStore, sends: SendStore, rhythm: Rhythm, slot: datetime) -> bool:
    # The slot is given away before the send is opened; only the header says that it was.
    holder = slots.holder(rhythm.day_of(slot))
    return holder is not None and sends.get(holder) is not None
