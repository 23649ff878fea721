"""The log: who did what to what, when, and from which session."""

from __future__ import annotations

import re
from datetime import date

from newsletter.control.desk.request import Answer, DeskRequest, Show
from newsletter.desk.domain.decision_words import local_time

MOST = 500
"""Lines of a month on one page."""


def show(request: DeskRequest) -> Answer:
    """Show a month of the log, newest first."""
    zone = request.app.rhythm.time_zone
    asked = request.query.get("month", "")
    month = asked if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", asked) else f"{request.now:%Y-%m}"
    activities = request.app.activities.month(month, most=MOST)
    lines = [(local_time(each.at, zone), each) for each in activities]
    shown = {"lines": lines, "month": _in_words(month), "earlier": _before(month), "cut": len(lines) == MOST}
    return Show("log", shown)


def _in_words(month: str) -> str:
    return f"{date.fromisoformat(f'{month}-01'):%B %Y}"


def _before(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02d}"
