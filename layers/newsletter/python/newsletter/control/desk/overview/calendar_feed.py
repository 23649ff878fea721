"""The calendar for calendar programs, behind an address of its own: such a program cannot sign in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from newsletter.calendar.domain.feed import MEDIA_TYPE, Appointment, calendar_feed
from newsletter.control.desk.overview.calendar import SLOTS, feed_begins
from newsletter.desk.adapters.calendar_links import read_calendar_link
from newsletter.desk.domain.act import Act, may
from newsletter.errors import InvalidTokenError
from newsletter.issues.domain.issue import IssueStatus
from newsletter.issues.domain.send_time import expected_hours, expected_slots
from newsletter.web.http import Http
from newsletter.web.router import Response
from newsletter.wiring import App

NOT_OURS = "the address of the calendar does not work any more; copy it again from the calendar of the desk"


class CalendarFeed:
    """Answers /desk/calendar.ics."""

    def __init__(self, http: Http, load_app: Callable[[], App]) -> None:
        self._http = http
        self._app = load_app

    def answer(self) -> Response:
        """Answer with the feed, for whoever is in the team."""
        app, now = self._app(), datetime.now(UTC)
        member_id, made_at = read_calendar_link(self._http.token, app.editor_keys, now=now)
        member = app.members.get(member_id)
        if member is None or not may(member, Act.LOOK) or made_at < feed_begins(member):
            raise InvalidTokenError(NOT_OURS)
        url = app.settings.public_url.rstrip("/")
        feed = calendar_feed(
            [*sent_issues(app, url), *coming_slots(app, url, now), *coming_hours(app, url)],
            name=app.newsletter.name, host=urlsplit(url).hostname or "", now=now,
        )  # fmt: skip
        return self._http.file(feed, MEDIA_TYPE, "calendar.ics")


def coming_slots(app: App, url: str, now: datetime) -> list[Appointment]:
    """Return the days to come, each with the issue expected on it."""
    rhythm, ready = app.current_rhythm(), app.issues.with_status(IssueStatus.READY)
    by_slug = {record.slug: record for record in ready}
    issues = {slot: by_slug[slug] for slug, slot in expected_slots(ready, rhythm, now=now).items()}
    found = []
    for slot in rhythm.next_slots(SLOTS, now):
        day, record = rhythm.day_of(slot), issues.get(slot)
        title = record.title if record else "no issue yet"
        link = f"{url}/desk/issues/{record.slug}/" if record else f"{url}/desk/calendar/"
        because = rhythm.calendar.reasons.get(day, "")
        found.append(Appointment(day, slot, f"{app.newsletter.name}: {title}", because, link))
    return found


def coming_hours(app: App, url: str) -> list[Appointment]:
    """Return the issues that go out at an hour of their own."""
    ready = {record.slug: record for record in app.issues.with_status(IssueStatus.READY)}
    return [
        Appointment(
            app.rhythm.local_date(moment), moment, f"{app.newsletter.name}: {ready[slug].title}", "",
            f"{url}/desk/issues/{slug}/", name=slug,
        )
        for slug, moment in expected_hours(ready.values(), app.rhythm).items()
    ]  # fmt: skip


def sent_issues(app: App, url: str) -> list[Appointment]:
    """Return the issues that went out last."""
    rhythm = app.rhythm
    return [
        Appointment(
            rhythm.local_date(record.sent_at), record.sent_at, f"{app.newsletter.name}: {record.title} (sent)", "",
            f"{url}/desk/issues/{record.slug}/",
        )
        for record in app.issues.with_status(IssueStatus.SENT)[-SLOTS:]
        if record.sent_at
    ]  # fmt: skip
