"""The files by which readers put the events of an issue into their calendars."""

from __future__ import annotations

import datetime

from newsletter.core.site_file import SiteFile
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.site import SOON


def calendar_files(rendered: RenderedIssue, time_zone: datetime.tzinfo) -> list[SiteFile]:
    """Return a file of the site for each event of an issue, beside its page."""
    # An event of the same name is the same in every language; the file is the original's.
    events = {event.name: event for edition in reversed(rendered.editions) for event in edition.events}
    return [
        SiteFile(
            f"issues/{rendered.slug}/{event.name}",
            event.calendar(made_on=rendered.date, time_zone=time_zone),
            "text/calendar; charset=utf-8",
            SOON,
        )
        for event in events.values()
    ]
