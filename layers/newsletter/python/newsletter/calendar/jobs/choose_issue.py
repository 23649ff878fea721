"""What the daily clock decides: whether this day is a slot, and which issue goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from newsletter.core.slot import Rhythm
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import LOCKED, IssueRecord
from newsletter.issues.ports import IssueStore
from newsletter.sending.ports import SendStore


class Verdict(StrEnum):
    """What becomes of one tick of the clock."""

    NOT_A_SLOT = "not_a_slot"
    """A day on which no issue goes out."""
    TOO_LATE = "too_late"
    """The tick arrived so late that the editors would not expect a mail any more."""
    NOTHING_READY = "nothing_ready"
    """A slot, and no issue whose date has come."""
    SEND = "send"
    """An issue goes."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The verdict, the issue if there is one, and otherwise those that only wait for a person."""

    verdict: Verdict
    record: IssueRecord | None = None
    waiting: tuple[IssueRecord, ...] = ()


def choose_issue(
    slot: datetime,
    *,
    rhythm: Rhythm,
    late_after: timedelta,
    issues: IssueStore,
    sends: SendStore,
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
        return Choice(Verdict.NOT_A_SLOT)
    holder = sends.slot_holder(day)
    begun = issues.get(holder) if holder else None
    if begun is not None and begun.status in LOCKED:
        return Choice(Verdict.SEND, begun)
    if now - rhythm.moment(day) > late_after:
        return Choice(Verdict.TOO_LATE)
    if holder is None:
        meant = [record for record in issues.with_status(IssueStatus.READY) if record.may_go(day)]
        due = [record for record in meant if record.due(day, needs_approval=needs_approval)]
        if not due:
            return Choice(Verdict.NOTHING_READY, waiting=tuple(meant))
        holder = sends.take_slot(day, due[0].slug)
    record = issues.get(holder)
    # The editors may have moved or withdrawn it since; a retry must not send what they took back.
    if record is not None and (record.due(day, needs_approval=needs_approval) or record.status in LOCKED):
        return Choice(Verdict.SEND, record)
    waits = record is not None and record.may_go(day)
    return Choice(Verdict.NOTHING_READY, waiting=(record,) if record and waits else ())
