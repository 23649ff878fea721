"""The end of a slot that was fired: the editors are told when nothing went out, once."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

from newsletter.calendar.domain.choice import Choice, SlotVerdict, waits_for
from newsletter.calendar.domain.notice import Notice
from newsletter.calendar.ports import SlotPorts
from newsletter.core.slot import Rhythm, in_words
from newsletter.errors import NOTHING_NOW

LOG = logging.getLogger(__name__)

EARLY = timedelta(minutes=5)
"""A slot fired earlier than this was fired by a person and is still to come; less is a clock that is a bit wrong."""


def conclude_slot(day: date, choice: Choice, *, ports: SlotPorts, rhythm: Rhythm, now: datetime) -> None:
    """Remember that this slot was fired; mail the editors if nothing went out and they have not heard of it.

    The mail comes first. Cut off between the two, the slot is fired again and the editors hear of it twice, which is
    better than never.

    Args:
        day: The day of the slot.
        choice: What was decided; issues in its `waiting` would have gone, had somebody approved or released them.
        ports: What slots touch.
        rhythm: When issues go out.
        now: The moment.
    """
    if Notice.FIRED in ports.calendar.notices(day):
        return
    slot = rhythm.moment(day)
    if choice.verdict is not SlotVerdict.SEND:
        waiting = [(record.title, waits_for(record)) for record in choice.waiting]
        why = choice.verdict.value
        try:
            ports.editors.tell("editors_nothing_ready", slot=in_words(slot), why=why, waiting=waiting, left="")
        except NOTHING_NOW as refusal:
            LOG.warning("the editors do not hear yet that nothing went out: %s", refusal)
            return  # not noted as fired, so the hourly look fires it again, and tells them then
    if now + EARLY > slot:  # not slot - EARLY: that is wall clock time, and may not exist
        ports.calendar.note_notice(day, Notice.FIRED)
