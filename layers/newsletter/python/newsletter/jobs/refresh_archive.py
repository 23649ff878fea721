"""The site is made to agree with the table: the page of an issue, and every page that names issues."""

from __future__ import annotations

from datetime import date

from newsletter.domain.issue import IssueStatus
from newsletter.domain.site import ArchiveEntry
from newsletter.errors import StoreBusyError
from newsletter.ports import PublishPorts

FEED_ITEMS = 20
"""Issues that the feeds carry in full: ten months of fortnights."""

TRIES = 5


def refresh_archive(slug: str, *, ports: PublishPorts, today: date) -> int:
    """Write or remove the page of this issue, list the issues whose date has come, and write what names them.

    Nobody else writes to the site. Whatever comes at the same moment: the page that stands in the end is the record's.

    Args:
        slug: The issue whose page to look after, or nothing for none.
        ports: What publishing touches.
        today: The day where the readers are.

    Returns:
        How many issues there are to read.

    Raises:
        StoreBusyError: The record moved each time its page was written.
    """
    for record in ports.issues.with_status(IssueStatus.READY):
        if not record.listed and record.in_archive(today):
            ports.issues.set_listed(record.slug)
    if slug:
        _write_page(slug, ports)
    listed = ports.issues.listed()
    entries = [ArchiveEntry(each.slug, each.title, each.summary, each.date, each.lang) for each in listed]
    recent = [ports.content.rendered(each.slug, each.content_hash) for each in listed[:FEED_ITEMS]]
    for file in ports.archive.archive(entries, recent):
        ports.site.put(file)
    return len(entries)


def _write_page(slug: str, ports: PublishPorts) -> None:
    for _ in range(TRIES):
        record = ports.issues.get(slug)
        if record is None or record.withdrawn or record.status is IssueStatus.DRAFT:
            ports.site.remove(f"issues/{slug}/index.html")
        else:
            rendered = ports.content.rendered(slug, record.content_hash)
            ports.site.put(ports.archive.issue_page(rendered, listed=record.listed))
        if ports.issues.get(slug) == record:
            return
    raise StoreBusyError(f"issue {slug} is being changed at the same moment; its page will be written again")
