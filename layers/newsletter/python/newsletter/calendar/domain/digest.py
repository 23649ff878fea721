"""The digest of a month, as the draft of an issue: what went out, each with its day, its summary and its page."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum

from newsletter.core.archive_entry import ArchiveEntry
from newsletter.core.audience.reading_rhythm import next_month
from newsletter.core.time_zones import WallTime

THIRD = 3
"""Of the month: two days for whoever approves it, and the warnings of 48, 24 and 2 hours come in that time."""

TIME_TO_APPROVE = timedelta(days=2)

SATURDAY = 5

_MARKS = re.compile(r"[\\`*_\[\]<>#|~{}!$]|&(?=#?\w+;)|^[-+=:]")
"""What means something in Markdown, or in a placeholder; behind a backslash it is itself.
https://spec.commonmark.org/0.31.2/#backslash-escapes"""


_NUMBER = re.compile(r"^(\d+)([.)])")
"""At the beginning of a line it would make a list."""


class DigestResult(StrEnum):
    """What came of the wish for a digest; logged."""

    MADE = "made"
    """Its draft stands among the issues, and its preview follows as from any upload."""
    ALREADY = "already"
    """There is one of this month, or was."""
    NOTHING_SENT = "nothing_sent"
    """No issue went out in this month."""
    NOBODY = "nobody"
    """No reader gets a digest of this month."""
    NOT_OFFERED = "not_offered"
    """Readers cannot choose one."""


@dataclass(frozen=True, slots=True)
class DigestWords:
    """What a digest says of itself, in the newsletter's own language."""

    lang: str
    title: str
    summary: str
    dates: Sequence[str]
    """The day of each issue, in words."""


def digest_slug(month: str) -> str:
    """Return the name of the file of a digest."""
    return f"digest-{month}"


def digest_hour(month: str, *, today: date, time_of_day: time) -> WallTime:
    """Return when a digest is meant to go out: on a working day from the third on, at the hour at which issues do."""
    day = max(date.fromisoformat(f"{next_month(month)}-{THIRD:02}"), today + TIME_TO_APPROVE)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return WallTime(day, time_of_day.hour, time_of_day.minute)


def digest_file(month: str, sent_issues: Sequence[ArchiveEntry], digest_words: DigestWords, *, hour: WallTime) -> str:
    """Return the file: a draft that editors read, change and approve like any other.

    Args:
        month: Whose digest it is.
        sent_issues: What went out in it, in this order.
        digest_words: What it says of itself.
        hour: When it is meant to go out.
    """
    fields = {
        "title": json.dumps(digest_words.title, ensure_ascii=False),  # JSON is YAML: whatever it holds, it is one text
        "summary": json.dumps(digest_words.summary, ensure_ascii=False),
        "date": hour.day.isoformat(),
        "digest": month,
        "lang": digest_words.lang,
        "status": "draft",
        "send": str(hour),
    }
    top = "\n".join(f"{name}: {value}" for name, value in fields.items())
    parts = [
        f"## [{_plain(issue.title)}]({issue.slug}.md)\n\n*{_plain(day)}*\n\n{_plain(issue.summary)}"
        for issue, day in zip(sent_issues, digest_words.dates, strict=True)
    ]
    return f"---\n{top}\n---\n\n" + "\n\n".join([_plain(digest_words.summary), *parts]) + "\n"


def _plain(text: str) -> str:
    """Return text as Markdown that shows exactly it, on one line."""
    return _NUMBER.sub(r"\1\\\2", _MARKS.sub(r"\\\g<0>", " ".join(text.split())))
