"""A slot from its moment to its end: choose the issue, open its send, tell the editors if there is none.

A sequence of jobs: each of them can be repeated, and so can the whole.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from newsletter.calendar.domain.choice import Choice, SlotVerdict
from newsletter.calendar.jobs.choose_issue import choose_issue
from newsletter.calendar.jobs.conclude_slot import conclude_slot
from newsletter.calendar.ports import SlotPorts
from newsletter.core.races import LOST, Race, win
from newsletter.core.slot import Rhythm
from newsletter.issues.domain.issue import IssueStatus
from newsletter.sending.jobs.open_send import Opening, open_send


def fire_slot(
    slot: datetime, *, rhythm: Rhythm, late_after: timedelta, ports: SlotPorts, opening: Opening, now: datetime
) -> Choice:
    """Send the issue of this slot, or tell the editors why none goes out; return what was decided.

    Args:
        slot: A moment of its day.
        rhythm: When issues go out, with the days that people skipped and added.
        late_after: How late a slot may be fired.
        ports: What slots touch.
        opening: What opening a send touches.
        now: The moment.

    Raises:
        StoreBusyError: The issue was replaced again and again between the choice and the lock.
    """

    def attempt() -> Choice | Literal[Race.LOST]:
        choice = choose_issue(
            slot, rhythm=rhythm, late_after=late_after, issues=ports.issues, slots=ports.slots,
            needs_approval=ports.needs_approval, now=now,
        )  # fmt: skip
        record = choice.record
        if record is None or open_send(record, opening=opening, now=now) or record.status is not IssueStatus.READY:
            return choice
        return LOST  # an upload replaced the issue meanwhile; its new content is chosen

    choice = win(attempt, busy="the issue of this slot is being replaced at the same moment; fire the slot again")
    if choice.verdict is not SlotVerdict.NOT_A_SLOT:
        conclude_slot(rhythm.day_of(slot), choice, ports=ports, rhythm=rhythm, now=now)
    return choice
