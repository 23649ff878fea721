"""The event that an issue announces, read from the words of its block."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from markdown_it.token import Token

from newsletter.issues.domain.event import Event
from newsletter.issues.writing.written_dates import written_dates, written_times

WHEN = re.compile(r"(?:when|date|pryd|wann|quand|cuándo|fecha)", re.IGNORECASE)
WHERE = re.compile(r"(?:where|place|venue|ble|lle|wo|ort|où|lieu|dónde|lugar)", re.IGNORECASE)
"""The two lines that an event needs or may have, in the languages that we speak."""

_LINE = re.compile(r"[*_]{0,2}([^\W\d_]+)\s?[*_]{0,2}:[*_]{0,2}\s*(.+)")


def read_event(heading: Token | None, inlines: Sequence[Token], taken: set[str]) -> Event | str:
    """Return the event, or the sentence that says what is missing.

    Args:
        heading: The words beside the mark.
        inlines: The words below it, before and after they were read.
        taken: Names that files of this issue have already.
    """
    if heading is None:
        return "An event needs a title beside its mark."
    fields = [
        found.groups() for inline in inlines for line in inline.content.split("\n") if (found := _LINE.match(line))
    ]
    when = next((text for name, text in fields if WHEN.fullmatch(name)), "")
    where = next((text for name, text in fields if WHERE.fullmatch(name)), "")
    dates = written_dates(when)
    if not dates:
        return "Nothing in this event says on which day it is, so nobody can put it into a calendar."
    first, last = dates[0].first_day, dates[-1].day
    if first is None or last is None:
        return f"“{when[dates[0].begin : dates[0].end]}” can mean two days, or none."
    clock = "".join(
        when[a:b] for a, b in zip([0, *(d.end for d in dates)], [*(d.begin for d in dates), len(when)], strict=True)
    )
    times = written_times(clock)
    name = _file_name(heading.content, taken)
    words, place = _plain(heading.content), _plain(where)
    if not times:
        return Event(name, words, first.isoformat(), last.isoformat() if last != first else "", place)
    starts, ends = f"{first}T{times[0]}", f"{last}T{times[-1]}" if len(times) > 1 or last != first else ""
    if ends and ends <= starts:
        return "This event ends before it begins."
    return Event(name, words, starts, ends, place)


def _file_name(title: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", plain)[:60].strip("-") or "event"
    number = 1
    while (name := f"{base}{f'-{number}' if number > 1 else ''}.ics") in taken:
        number += 1
    return name


def _plain(source: str) -> str:
    """Return words without the marks of Markdown."""
    return " ".join(re.sub(r"[*_`]", "", re.sub(r"!?\[([^\[\]]*)\]\([^()]*\)", r"\1", source)).split())
