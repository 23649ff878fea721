"""The calendar as a feed for calendar programs (RFC 5545): the days to come and the issues that went out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

LONGEST_LINE = 75
"""Octets (RFC 5545, section 3.1); what is longer goes on in the next line, behind a space."""

MEDIA_TYPE = "text/calendar; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Appointment:
    """One entry of the feed."""

    day: date
    """Names the entry: whatever happens to this day later changes the entry that a program has."""
    begins_at: datetime
    summary: str
    description: str = ""
    url: str = ""
    name: str = ""
    """Names the entry in the place of its day, where that has another one."""


def calendar_feed(appointments: Iterable[Appointment], *, name: str, host: str, now: datetime) -> str:
    """Return the feed.

    Args:
        appointments: What is in it.
        name: What a program calls the calendar.
        host: Of the newsletter; makes the entries' names unlike those of all others.
        now: The moment.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Fortnightly//Calendar//EN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",  # RFC 7986; the next is what older programs know
        "X-PUBLISHED-TTL:PT6H",
    ]
    for each in appointments:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{each.name or each.day}@{host}",
            f"DTSTAMP:{_moment(now)}",
            f"DTSTART:{_moment(each.begins_at)}",
            "DURATION:PT15M",
            f"SUMMARY:{_text(each.summary)}",
            *([f"DESCRIPTION:{_text(each.description)}"] if each.description else []),
            *([f"URL:{each.url}"] if each.url else []),
            "TRANSP:TRANSPARENT",  # nobody is busy while an issue goes out
            "END:VEVENT",
        ]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return "\\n".join(text.splitlines())


def _folded(line: str) -> str:
    pieces: list[str] = []
    piece = ""
    for letter in line:
        if len((piece + letter).encode()) > LONGEST_LINE - bool(pieces):
            pieces.append(piece)
            piece = ""
        piece += letter
    return "\r\n ".join([*pieces, piece])
