"""The dead-man's switch: the editors hear in time that the next slot has no issue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from newsletter.calendar.ports import SlotPorts
from newsletter.core.slot import Rhythm, in_words
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.issue_record import IssueRecord

STEPS = {"48h": timedelta(hours=48), "24h": timedelta(hours=24), "2h": timedelta(hours=2)}
"""How long before a slot, longest first: two evenings to write it, one to find it, two hours to upload it."""


def warn_editors(*, ports: SlotPorts, rhythm: Rhythm, now: datetime) -> list[str]:
    """Warn once at each step while nothing is ready for a slot; say that all is well once it is, to whoever was warned.

    An issue fills one slot only: with two slots in two days, one ready issue is not enough.

    Returns:
        What was mailed: `<day> <step>`, with `ready` behind it when all is well.
    """
    mailed: list[str] = []
    longest = next(iter(STEPS.values()))
    near = list(takewhile(lambda slot: slot - now <= longest, rhythm.slots_after(now)))
    ready = ports.issues.with_status(IssueStatus.READY) if near else []
    taken: set[str] = set()
    for slot in near:
        day = rhythm.day_of(slot)
        meant = [each for each in ready if each.may_go(day) and each.slug not in taken]
        due = [each for each in meant if each.due(day, needs_approval=ports.needs_approval)]
        issue = ports.sends.slot_holder(day) or (due[0].slug if due else "")
        taken.add(issue)
        what = _what(bool(issue), slot - now, ports.calendar.told(day))
        if what:
            _mail(what, slot, slot - now, meant, issue, ports)
            ports.calendar.tell(day, what)
            mailed.append(f"{day} {what}")
    return mailed


def _what(has_issue: bool, left: timedelta, told: Collection[str]) -> str:
    """Return what the editors should hear now, or nothing."""
    if not has_issue:
        step = [name for name, before in STEPS.items() if left <= before][-1]
        return "" if step in told else step
    warned = [name for name in STEPS if name in told]
    return f"{warned[-1]} ready" if warned and f"{warned[-1]} ready" not in told else ""


def _mail(
    what: str, slot: datetime, left: timedelta, meant: Sequence[IssueRecord], issue: str, ports: SlotPorts
) -> None:
    if what.endswith("ready"):
        record = ports.issues.get(issue)
        ports.editors.tell("editors_slot_ready", slot=in_words(slot), title=record.title if record else issue)
    else:
        waiting = [(each.title, "held" if each.held else "not approved") for each in meant]
        ports.editors.tell(
            "editors_nothing_ready", slot=in_words(slot), why="soon", waiting=waiting, left=_in_words(left)
        )


def _in_words(left: timedelta) -> str:
    minutes = round(left / timedelta(minutes=1))
    return f"{round(minutes / 60)} hours" if minutes > 90 else f"{minutes} minutes"
