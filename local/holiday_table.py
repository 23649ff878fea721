"""`make holidays`: write the public holidays of every country into the table that the calendar of the desk reads.

The library (https://pypi.org/project/holidays/, MIT) takes about two seconds to load in a function, for a page that
should be there within a third of one, and knows what we ask for long before. So it stays here, and its answers go.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from pathlib import Path

import holidays

from newsletter.calendar.adapters.holiday_table import TABLE

IN_PARTS = " (in parts of the country)"
ENOUGH = 1 / 3
"""The share of a country's parts that must keep a day before an editor of the whole country is told of it."""


def named(country: str, years: list[int]) -> dict[str, str]:
    """Return the holidays of a country by their days."""
    parts = [part for part in holidays.list_supported_countries()[country] if part]
    whole = _of(country, "", years)
    days = {day.isoformat(): name for day, name in whole.items()}
    kept, names = Counter[date](), defaultdict[date, Counter[str]](Counter)
    for part in parts:
        for day, name in _of(country, part, years).items():
            if day not in whole:
                kept[day] += 1
                names[day][name] += 1
    for day, number in kept.items():
        if number >= ENOUGH * len(parts):
            days[day.isoformat()] = names[day].most_common(1)[0][0] + ("" if number == len(parts) else IN_PARTS)
    return dict(sorted(days.items()))


def _of(country: str, part: str, years: list[int]) -> dict[date, str]:
    found = holidays.country_holidays(country, subdiv=part or None, years=years, language=_english(country))
    return {day: name.split("; ")[0] for day, name in found.items() if day.year in years}


def _english(country: str) -> str | None:
    known = holidays.list_localized_countries().get(country, [])
    return next((each for each in ("en_US", "en_GB", "en") if each in known), None)


def table(years: list[int]) -> dict[str, dict[str, list[str]]]:
    """Return the holidays of every country, each name with its days."""
    countries: dict[str, dict[str, list[str]]] = {}
    for country in sorted(holidays.list_supported_countries(include_aliases=False)):
        by_name: dict[str, list[str]] = defaultdict(list)
        for day, name in named(country, years).items():
            by_name[name].append(day)
        countries[country] = dict(by_name)
    return countries


def main() -> None:
    """Write the table."""
    years = [int(year) for year in sys.argv[1:]] or [datetime.now(UTC).year + ahead for ahead in range(4)]
    lines = [f'"years": {json.dumps(years)}']
    rows = [f"{json.dumps(country)}: {json.dumps(days, ensure_ascii=False)}" for country, days in table(years).items()]
    lines.append('"countries": {\n' + ",\n".join(rows) + "\n}")
    Path(TABLE).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
