"""The choice of the issue that goes out in a slot."""

from __future__ import annotations

from datetime import datetime, timedelta

from newsletter.calendar.domain.choice import Choice, SlotVerdict
from newsletter.calendar.ports import SlotStore
from newsletter.core.slot import Rhythm
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import LOCKED
from newsletter.issues.ports import IssueStore


def choose_issue(
    slot: datetime,
    *,
    rhythm: Rhythm,
    late_after: timedelta,
    issues: IssueStore,
    slots: SlotStore,
    needs_approval: bool,
    now: datetime,
) -> Choice:
    """Choose the oldest ready issue whose date has come; the same slot always chooses the same issue.

    The schedule may fire twice for one slot, and the second time the first issue may be sent already. So the slot is
    given away once, in the store, and a repetition continues with the issue that has it. Once its send is begun, no
    repetition is too late.
    """
    day = rhythm.day_of(slot)
    if not rhythm.is_slot(day):
        return Choice(SlotVerdict.NOT_A_SLOT)
    holder = slots.holder(day)
    begun = issues.get(holder) if holder else None
    if begun is not None and begun.status in LOCKED:
        return Choice(SlotVerdict.SEND, begun)
    if now - rhythm.moment(day) > late_after:
        return Choice(SlotVerdict.TOO_LATE)
    if holder is None:
        meant = [record for record in issues.with_status(IssueStatus.READY) if record.may_go(day)]
        due = [record for record in meant if record.due(day, needs_approval=needs_approval)]
        if not due:
            return Choice(SlotVerdict.NOTHING_READY, waiting=tuple(meant))
        holder = slots.take(day, due[0].slug)
    record = issues.get(holder)
    # The editors may have moved or withdrawn it since; a retry must not send what they took back.
    if record is not None and (record.due(day, needs_approval=needs_approval) or record.status in LOCKED):
        return Choice(SlotVerdict.SEND, record)
    waits = record is not None and record.may_go(day)
    return Choice(SlotVerdict.NOTHING_READY, waiting=(record,) if record and waits else ())
