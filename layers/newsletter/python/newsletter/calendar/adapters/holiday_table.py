"""Public holidays of the country that a newsletter's clock is in, from a table that `make holidays` writes.

The table is part of the layer, so no library is loaded for it and no network asked. The country is the one that the
time zone database names for the zone; a zone without a country (`UTC`, or an old name) has no holidays.
"""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from pathlib import Path

from newsletter.calendar.domain.holidays import Holidays

TABLE = Path(__file__).with_name("holidays.json")


def holidays_in(time_zone_name: str) -> Holidays:
    """Return the public holidays of the country that a time zone is in."""
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    country = country_of(time_zone_name)
    days = table["countries"].get(country)
    if days is None:
        return Holidays()
    names = {date.fromisoformat(day): name for name, on_days in days.items() for day in on_days}
    return Holidays(country, names, max(table["years"]))


def country_of(time_zone_name: str) -> str:
    """Return the country of a time zone as the time zone database has it; nothing for a zone of no country.

    Source: https://github.com/eggert/tz/blob/main/zone.tab
    """
    lines = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return next((row[0] for row in rows if row[2] == time_zone_name), "")
