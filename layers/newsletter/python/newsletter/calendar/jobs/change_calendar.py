"""People decide about single days: skip one, add one, or take that back."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from newsletter.calendar.ports import SlotCalendar, SlotStore
from newsletter.core.slot import FARTHEST, Calendar, Rhythm, in_words
from newsletter.core.text import one_line
from newsletter.errors import InvalidDayError

LONGEST_REASON = 120
"""Letters: a reason is a few words, and stands in one line of the calendar."""


class Change(StrEnum):
    """What can be decided about a day."""

    SKIP = "skip"
    """Nothing goes out on this slot."""
    UNSKIP = "unskip"
    """It does after all."""
    EXTRA = "extra"
    """An issue goes out on this day beside the rhythm."""
    UNEXTRA = "unextra"
    """It does not after all."""


def change_calendar(
    change: Change,
    day: date,
    because: str = "",
    *,
    calendar: SlotCalendar,
    slots: SlotStore,
    rhythm: Rhythm,
    now: datetime,
) -> Calendar:
    """Change what happens on this day, and return what is decided by now. The same change again changes nothing.

    Args:
        change: What to decide.
        day: The local date.
        because: Why, for the colleagues; kept with a day that is skipped or added. May be empty.
        calendar: Where decisions are kept.
        slots: Knows which slots were given away.
        rhythm: When issues go out, with the decisions so far.
        now: The moment.

    Raises:
        InvalidDayError: The day is over, too far away, given away, or not of the kind this change is about.
    """
    _check(change, day, slots, rhythm, now)
    if change in (Change.SKIP, Change.UNSKIP):
        calendar.set_skipped(day, skipped=change is Change.SKIP)
    if change is not Change.UNSKIP:  # a day that was added before the anchor made it a slot is skipped for good
        calendar.set_extra(day, extra=change is Change.EXTRA)
    decided = change in (Change.SKIP, Change.EXTRA)
    reason = one_line(because)[:LONGEST_REASON] if decided else ""
    if reason != rhythm.calendar.reasons.get(day, ""):
        calendar.set_reason(day, reason)
    return calendar.get()


def _check(change: Change, day: date, slots: SlotStore, rhythm: Rhythm, now: datetime) -> None:
    if abs(day - rhythm.local_date(now)) > FARTHEST:
        raise InvalidDayError(f"{day} is more than two years away; check the year")
    if rhythm.moment(day) <= now:
        raise InvalidDayError(f"the slot of {day} would be over; only days to come can be changed")
    if holder := slots.holder(day):
        raise InvalidDayError(f"the slot of {day} was given to the issue {holder} already; withdraw or cancel that one")
    regular, skipped, extra = rhythm.in_rhythm(day), day in rhythm.calendar.skipped, day in rhythm.calendar.extra
    if change is Change.SKIP and not regular:
        remedy = "take it back with unextra" if extra else f"the next slots are {_next(rhythm, now)}"
        raise InvalidDayError(f"{day} is {'an extra day' if extra else 'no slot'}; {remedy}")
    if change is Change.UNSKIP and not (regular or skipped):
        raise InvalidDayError(f"{day} was not skipped, and is no slot; to send on it, use extra")
    if change is Change.EXTRA and regular:
        remedy = "take that back with unskip" if skipped else "nothing needs to be added"
        raise InvalidDayError(f"{day} is {'a skipped slot' if skipped else 'a slot anyway'}; {remedy}")
    if change is Change.UNEXTRA and not extra and regular:
        raise InvalidDayError(f"{day} is a slot of the rhythm and no extra day; to leave it out, use skip")


def _next(rhythm: Rhythm, now: datetime) -> str:
    return ", ".join(in_words(slot) for slot in rhythm.next_slots(3, now))
