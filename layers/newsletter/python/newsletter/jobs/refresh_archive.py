"""The home page, the feeds and the other pages that name several issues."""

from __future__ import annotations

from datetime import date

from newsletter.domain.issue import IssueStatus
from newsletter.domain.site import ArchiveEntry
from newsletter.ports import PublishPorts

FEED_ITEMS = 20
"""Issues that the feeds carry in full: ten months of fortnights."""


def refresh_archive(*, ports: PublishPorts, today: date) -> int:
    """List the issues whose date has come, and write every page that lists them; return how many there are."""
    for record in ports.issues.with_status(IssueStatus.READY):
        if not record.listed and record.in_archive(today):
            ports.issues.set_listed(record.slug)
    listed = ports.issues.listed()
    entries = [ArchiveEntry(each.slug, each.title, each.summary, each.date, each.lang) for each in listed]
    recent = [ports.content.rendered(each.slug, each.content_hash) for each in listed[:FEED_ITEMS]]
    for file in ports.archive.archive(entries, recent):
        ports.site.put(file)
    return len(entries)
