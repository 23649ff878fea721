"""The list of issues: what is under way and waiting, drafts, and what has gone out."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from newsletter.control.desk.listed import listed
from newsletter.control.desk.request import Answer, DeskRequest, Show
from newsletter.desk.drafts.issue_fields import split, values_of
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.send_time import expected_hours, expected_slots
from newsletter.wiring import App

GROUPS = (
    ("Going out", (IssueStatus.SENDING, IssueStatus.PAUSED)),
    ("Waiting for their day", (IssueStatus.READY,)),
    ("Drafts", (IssueStatus.DRAFT,)),
    ("Sent", (IssueStatus.SENT, IssueStatus.CANCELLED)),
)
"""The headings, and the issues below each."""

AT_ONCE = 8
"""Drafts that are read side by side."""

NEWEST = 60
"""Below one heading: two years of fortnights, and some extra ones. Older ones are found by searching."""


def show(request: DeskRequest) -> Answer:
    """Show all issues, or those whose title or name holds what was searched for."""
    app, searched = request.app, request.query.get("q", "").strip()
    rhythm, needs_approval = app.current_rhythm(), app.settings.needs_approval
    by_status = {status: app.issues.with_status(status) for status in IssueStatus}
    ready = by_status[IssueStatus.READY]
    expected = expected_slots(ready, rhythm, now=request.now) | expected_hours(ready, rhythm)
    groups = []
    for heading, statuses in GROUPS:
        records = [record for status in statuses for record in by_status[status]]
        found = [each for each in records if searched.casefold() in f"{each.title} {each.slug}".casefold()]
        newest_first = sorted(found, key=lambda record: (record.date, record.slug), reverse=True)
        lines = [listed(each, expected, rhythm, needs_approval=needs_approval) for each in newest_first[:NEWEST]]
        groups.append((heading, lines, len(found) - len(lines)))
    known = {record.slug for records in by_status.values() for record in records}
    drafts = _being_written(app, [slug for slug in app.drafts.slugs() if slug not in known], searched)
    return Show("issues", {"groups": groups, "searched": searched, "drafts": drafts})


def _being_written(app: App, slugs: Sequence[str], searched: str) -> list[tuple[str, str, str]]:
    """Return the drafts that were not handed in yet: name, title, and who saved last."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        drafts = [draft for draft in threads.map(app.drafts.newest, slugs[-NEWEST:]) if draft is not None]
    titled = [(each.slug, values_of(split(each.text)[0]).get("title", each.slug), each.saved_by) for each in drafts]
    return [each for each in titled if searched.casefold() in f"{each[1]} {each[0]}".casefold()]
