"""The desk's front page: what goes out next and what it lacks, what became of the last ones, the list, and health."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from newsletter.control.desk.listed import listed
from newsletter.control.desk.overview.health import HealthLevel, as_of_lately, in_one_sentence
from newsletter.control.desk.overview.results import read_results
from newsletter.control.desk.request import Answer, DeskRequest, Show
from newsletter.core.slot import in_words
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.send_time import expected_hours, expected_slots
from newsletter.reports.domain.comparison import compared
from newsletter.reports.domain.issue_result import IssueResult
from newsletter.reports.domain.list_size import list_size
from newsletter.reports.domain.report_name import GROWTH

LAST = 4
"""Sends that are shown: the last one and three to compare it with."""

DAYS = timedelta(days=2)
"""From here on the time until a slot is said in days."""


def show(request: DeskRequest) -> Answer:
    """Show what today is about."""
    app, now = request.app, request.now
    rhythm, needs_approval = app.current_rhythm(), app.settings.needs_approval
    ready = app.issues.with_status(IssueStatus.READY)
    slots, hours = expected_slots(ready, rhythm, now=now), expected_hours(ready, rhythm)
    expected = slots | hours
    slot = rhythm.next_slots(1, now)[0]
    going = next((record for record in ready if slots.get(record.slug) == slot), None)
    soonest = min((moment for moment in hours.values() if now < moment < slot), default=None)
    if soonest is not None:
        slot, going = soonest, next(record for record in ready if hours.get(record.slug) == soonest)
    under_way = [*app.issues.with_status(IssueStatus.SENDING), *app.issues.with_status(IssueStatus.PAUSED)]
    sent = app.issues.with_status(IssueStatus.SENT)[: -LAST - 1 : -1]
    results = read_results(app, sent)
    growth = app.content.report(GROWTH)
    checks = as_of_lately(request)
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
            "results": [(each, _when(each, rhythm.time_zone)) for each in results],
            "compared": compared(results),
            "list_size": list_size(json.loads(growth)) if growth else None,
            "health": in_one_sentence(checks),
            "well": all(check.level is HealthLevel.FINE for check in checks),
        },
    )


def _when(result: IssueResult, zone: ZoneInfo) -> str:
    return in_words(result.sent_at.astimezone(zone)) if result.sent_at else ""


def time_until(moment: datetime, now: datetime) -> str:
    """Return how long it is until a moment, as people say it."""
    away = moment - now
    if away >= DAYS:
        return f"in {away.days} days"
    hours, minutes = divmod(int(away.total_seconds()) // 60, 60)
    if hours >= 1:
        return "in one hour" if hours == 1 else f"in {hours} hours"
    return "in one minute" if minutes == 1 else f"in {minutes} minutes"
