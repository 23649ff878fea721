"""A date that readers can put into their calendars, and the file that does it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST_LINE = 75
"""Bytes, without the line's end. Source: RFC 5545, section 3.1."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that takes place, as an issue announces it."""

    name: str
    """Of its file beside the page, such as `open-evening.ics`."""
    title: str
    starts: str
    """ISO 8601: a day, or a day and a time where the newsletter is at home."""
    ends: str
    """The last day, or the moment it ends; empty when nobody said."""
    place: str = ""

    page: str = ""
    """Address of the page that announces it."""

    def calendar(self, *, made_on: datetime.date, time_zone: datetime.tzinfo) -> bytes:
        """Return the event as iCalendar; the same event always gives the same bytes.

        Times are written in UTC, so that the file needs no rules of a time zone.
        Source: https://www.rfc-editor.org/rfc/rfc5545
        """
        address = urlsplit(self.page)
        lines = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Fortnightly//EN",
            "METHOD:PUBLISH",
            "BEGIN:VEVENT",
            f"UID:{address.path.strip('/').replace('/', '.')}.{self.name.removesuffix('.ics')}@{address.hostname}",
            f"DTSTAMP:{made_on:%Y%m%d}T000000Z",
            *self._times(time_zone),
            f"SUMMARY:{_escaped(self.title)}",
            *([f"LOCATION:{_escaped(self.place)}"] if self.place else []),
            f"URL:{self.page}",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
        return "".join(f"{_folded(line)}\r\n" for line in lines).encode()

    def _times(self, time_zone: datetime.tzinfo) -> list[str]:
        if "T" not in self.starts:
            first = datetime.date.fromisoformat(self.starts)
            last = datetime.date.fromisoformat(self.ends or self.starts)
            # The end of a calendar's day is the next one.
            return [f"DTSTART;VALUE=DATE:{first:%Y%m%d}", f"DTEND;VALUE=DATE:{last + datetime.timedelta(1):%Y%m%d}"]
        times = [("DTSTART", self.starts), *([("DTEND", self.ends)] if self.ends else [])]
        return [f"{name}:{_utc(moment, time_zone):%Y%m%dT%H%M%SZ}" for name, moment in times]


def _utc(moment: str, time_zone: datetime.tzinfo) -> datetime.datetime:
    return datetime.datetime.fromisoformat(moment).replace(tzinfo=time_zone).astimezone(datetime.UTC)


def _escaped(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\n", "\\n")


def _folded(line: str) -> str:
    """Return the line in pieces of at most 75 bytes, no letter cut in two; the rest begins with a space."""
    pieces, used = [""], 0
    for letter in line:
        size = len(letter.encode())
        if used + size > LONGEST_LINE:
            pieces.append(" ")
            used = 1
        pieces[-1] += letter
        used += size
    return "\r\n".join(pieces)
