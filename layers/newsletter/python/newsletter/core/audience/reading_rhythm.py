"""How often a reader wants to hear: of every issue when it goes out, or of all issues of a month in one digest.

A choice counts from the first of the next month on. So nobody is mailed an issue and its line in the digest, and nobody
misses an issue between the two. Months are texts such as 2026-11, which are in the order of their letters.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum

MONTH = re.compile(r"[12][0-9]{3}-(?:0[1-9]|1[0-2])")
"""As it is written in a file and kept."""


class ReadingRhythm(StrEnum):
    """What a reader chose."""

    EVERY_ISSUE = "every_issue"
    """Each issue when it goes out; what everybody has who chose nothing."""
    MONTHLY = "monthly"
    """One digest a month of all issues, and not the issues themselves."""


def month_of(day: date) -> str:
    """Return the month of a day."""
    return f"{day.year:04}-{day.month:02}"


def next_month(month: str) -> str:
    """Return the month after this one."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04}-{number % 12 + 1:02}"


def month_before(month: str) -> str:
    """Return the month before this one."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year - (number == 1):04}-{(number - 2) % 12 + 1:02}"
