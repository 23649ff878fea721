"""`settings/feeds.yaml` at the desk: one feed a line, and a look at what a draft would be made of now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from newsletter.control.desk.request import DeskRequest, File
from newsletter.control.desk.settings.texts import TEXT, TextEditor
from newsletter.desk.domain.decision_words import local_time
from newsletter.desk.feeds.feed import FeedEntry, FeedOutcome, feeds_from_held
from newsletter.desk.feeds.gather_feeds import FeedReading, gather_feeds
from newsletter.desk.settings.setting_fields import clean, values_of, written

FEEDS = "feeds"
"""The one name in the file."""

EXAMPLE = "Our blog https://www.example.org/blog/feed.xml\nReports https://www.example.org/reports.json\n"


class FeedsEditor(TextEditor):
    """The list of feeds as lines."""

    title = "Feeds"
    page = "settings_feeds"

    def values(self, file_text: str) -> Mapping[str, str]:
        """Return the feeds, one a line."""
        return {TEXT: values_of(file_text).get(FEEDS, "")}

    def source(self, typed_values: Mapping[str, str], values_before: Mapping[str, str]) -> str:
        """Return the file."""
        return written({FEEDS: clean(typed_values.get(TEXT, values_before.get(TEXT, "")))})

    def context(self, request: DeskRequest, form_values: Mapping[str, str]) -> Mapping[str, Any]:  # noqa: ARG002 - as all
        """Return what the page shows besides."""
        return {"example": EXAMPLE}

    def preview(self, request: DeskRequest, file_text: str) -> File:
        """Return what each feed says at this moment, and what a draft would hold; nothing is remembered."""
        app = request.app
        held = app.edit_settings_ports.reader().feeds(file_text.encode()) if file_text else {}
        period = timedelta(weeks=app.rhythm.period_weeks)
        gathered = gather_feeds(
            feeds_from_held(held), ports=app.gather_feeds_ports, period=period, now=request.now, afresh=True
        )
        zone = app.rhythm.time_zone

        def published(entry: FeedEntry) -> str:
            return local_time(entry.published_at, zone) if entry.published_at else ""

        page = app.pages.page(
            "feeds_tried",
            lines=[(each.feed.name, _state(each)) for each in gathered.readings],
            offered=[(entry, published(entry)) for entry in gathered.offered],
            more=gathered.more,
        )
        return File(page, "text/html; charset=utf-8", app.pages.mail_headers())


def _state(reading: FeedReading) -> str:
    """Return how a feed answered, in words that follow its name."""
    if reading.problem:
        return reading.problem.partition("” ")[2]
    found, new = len(reading.answer.entries), len(reading.new_entries)
    if reading.answer.outcome is not FeedOutcome.READ or not found:
        return "can be read, and is empty."
    entries = "one entry" if found == 1 else f"{found} entries"
    return f"can be read: {entries}, {new or 'none'} of them new since the last issue."
