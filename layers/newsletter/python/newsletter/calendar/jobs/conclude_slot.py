"""The end of a slot that was fired: the editors are told when nothing went out, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from newsletter.calendar.ports import SlotPorts
from newsletter.core.slot import Rhythm, in_words
from newsletter.issues.domain.issue_record import IssueRecord

EARLY = timedelta(minutes=5)
"""A slot fired earlier than this was fired by a person and is still to come; less is a clock that is a bit wrong."""


def conclude_slot(
    day: date,
    why_not: str,
    waiting: Sequence[IssueRecord] = (),
    *,
    ports: SlotPorts,
    rhythm: Rhythm,
    now: datetime,
) -> None:
    """Remember that this slot was fired; mail the editors if nothing went out and they have not heard of it.

    The mail comes first. Cut off between the two, the slot is fired again and the editors hear of it twice, which is
    better than never.

    Args:
        day: The day of the slot.
        why_not: Why nothing went out; empty when an issue did.
        waiting: Issues that would have gone, had somebody approved or released them.
        ports: What slots touch.
        rhythm: When issues go out.
        now: The moment.
    """
    slot = rhythm.moment(day)
    told = ports.calendar.told(day)
    if why_not and "fired" not in told:
        states = [(each.title, "held" if each.held else "not approved") for each in waiting]
        ports.editors.tell("editors_nothing_ready", slot=in_words(slot), why=why_not, waiting=states, left="")
    if "fired" not in told and now + EARLY > slot:  # not slot - EARLY: that is wall clock time, and may not exist
        ports.calendar.tell(day, "fired")
