"""How the list grows, day by day. A day's figures are written once and keep their value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from newsletter.reports.domain.census import Census
from newsletter.reports.domain.sign_up_source import most_common_sources

VERSION = 1
MOST_MISSED_DAYS = 31
"""Days that are made good when the clock did not strike; who joined and left then stands in the records still."""


def first_day_to_count(known: Mapping[str, Any], yesterday: date) -> date:
    """Return the first day that has no figures yet; yesterday where there is none at all."""
    days = known.get("days", [])
    if not days:
        return yesterday
    after = date.fromisoformat(days[-1]["day"]) + timedelta(days=1)
    return max(after, yesterday - timedelta(days=MOST_MISSED_DAYS - 1))


def grown(
    known: Mapping[str, Any],
    census: Census,
    newly_suppressed: Mapping[tuple[date, str], int],
    *,
    yesterday: date,
    zone: ZoneInfo,
    now: datetime,
) -> dict[str, Any]:
    """Return the growth with the days that have gone by, and the list as it stands now.

    How many were on the list is known for yesterday only, counted shortly after midnight: of a day that was missed
    it is None. Days that have figures are not touched.
    """
    days = list(known.get("days", []))
    day = first_day_to_count(known, yesterday)
    while day <= yesterday:
        days.append(
            {
                "day": day.isoformat(),
                "on_list": census.on_list if day == yesterday else None,
                "unconfirmed": census.unconfirmed if day == yesterday else None,
            }
            | _flows(census, newly_suppressed, day)
        )
        day += timedelta(days=1)
    return {
        "version": VERSION,
        "made_at": now.isoformat(),
        "now": {"on_list": census.on_list, "unconfirmed": census.unconfirmed}
        | _flows(census, newly_suppressed, now.astimezone(zone).date()),
        "came_from": most_common_sources(census.on_list_from),
        "days": days,
    }


def _flows(census: Census, suppressed: Mapping[tuple[date, str], int], day: date) -> dict[str, Any]:
    return {
        "joined": census.joined.get(day, 0),
        "left": dict(Counter({reason: n for (on, reason), n in census.left.items() if on == day})),
        "suppressed": {reason: n for (on, reason), n in suppressed.items() if on == day},
    }
