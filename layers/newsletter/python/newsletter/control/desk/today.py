"""The desk's front page: what goes out next and what it lacks, what is going out, what became of the last ones."""

from __future__ import annotations

from datetime import datetime, timedelta

from newsletter.control.desk.listed import listed
from newsletter.control.desk.request import Answer, DeskRequest, Show
from newsletter.core.slot import in_words
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.send_time import expected_slots

LAST = 4
"""Sends that are shown: the last one and three to compare it with."""

DAYS = timedelta(days=2)
"""From here on the time until a slot is said in days."""


def show(request: DeskRequest) -> Answer:
    """Show what today is about."""
    app, now = request.app, request.now
    rhythm, needs_approval = app.current_rhythm(), app.settings.needs_approval
    ready = app.issues.with_status(IssueStatus.READY)
    expected = expected_slots(ready, rhythm, now=now)
    slot = rhythm.next_slots(1, now)[0]
    going = next((record for record in ready if expected.get(record.slug) == slot), None)
    under_way = [*app.issues.with_status(IssueStatus.SENDING), *app.issues.with_status(IssueStatus.PAUSED)]
    sent = app.issues.with_status(IssueStatus.SENT)[: -LAST - 1 : -1]
    waiting = [record for record in ready if record is not going]
    drafts = app.issues.with_status(IssueStatus.DRAFT)
    return Show(
        "today",
        {
            "slot": in_words(slot.astimezone(rhythm.time_zone)),
            "away": time_until(slot, now),
            "going": listed(going, expected, rhythm, needs_approval=needs_approval) if going else None,
            "under_way": [listed(each, expected, rhythm, needs_approval=needs_approval) for each in under_way],
            "waiting": [listed(each, expected, rhythm, needs_approval=needs_approval) for each in waiting + drafts],
            "sent": [
                listed(each, expected, rhythm, needs_approval=needs_approval, send=app.sends.get(each.slug))
                for each in sent
            ],
        },
    )


def time_until(moment: datetime, now: datetime) -> str:
    """Return how long it is until a moment, as people say it."""
    away = moment - now
    if away >= DAYS:
        return f"in {away.days} days"
    hours, minutes = divmod(int(away.total_seconds()) // 60, 60)
    if hours >= 1:
        return "in one hour" if hours == 1 else f"in {hours} hours"
    return "in one minute" if minutes == 1 else f"in {minutes} minutes"
