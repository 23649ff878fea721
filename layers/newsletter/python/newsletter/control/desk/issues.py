"""The list of issues: what is under way and waiting, drafts, and what has gone out."""

from __future__ import annotations

from newsletter.control.desk.listed import listed
from newsletter.control.desk.request import Answer, DeskRequest, Show
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.send_time import expected_slots

GROUPS = (
    ("Going out", (IssueStatus.SENDING, IssueStatus.PAUSED)),
    ("Waiting for their day", (IssueStatus.READY,)),
    ("Drafts", (IssueStatus.DRAFT,)),
    ("Sent", (IssueStatus.SENT, IssueStatus.CANCELLED)),
)
"""The headings, and the issues below each."""

NEWEST = 60
"""Below one heading: two years of fortnights, and some extra ones. Older ones are found by searching."""


def show(request: DeskRequest) -> Answer:
    """Show all issues, or those whose title or name holds what was searched for."""
    app, searched = request.app, request.query.get("q", "").strip()
    rhythm, needs_approval = app.current_rhythm(), app.settings.needs_approval
    by_status = {status: app.issues.with_status(status) for status in IssueStatus}
    expected = expected_slots(by_status[IssueStatus.READY], rhythm, now=request.now)
    groups = []
    for heading, statuses in GROUPS:
        records = [record for status in statuses for record in by_status[status]]
        found = [each for each in records if searched.casefold() in f"{each.title} {each.slug}".casefold()]
        newest_first = sorted(found, key=lambda record: (record.date, record.slug), reverse=True)
        lines = [listed(each, expected, rhythm, needs_approval=needs_approval) for each in newest_first[:NEWEST]]
        groups.append((heading, lines, len(found) - len(lines)))
    known = {record.slug for records in by_status.values() for record in records}
    drafts = [slug for slug in app.drafts.slugs() if slug not in known and searched.casefold() in slug]
    return Show("issues", {"groups": groups, "searched": searched, "drafts": drafts})
