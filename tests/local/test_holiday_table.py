"""The table of holidays is what the library says."""

from __future__ import annotations

import json

import pytest

from local.holiday_table import IN_PARTS, table
from newsletter.calendar.adapters.holiday_table import TABLE


@pytest.fixture(scope="module")
def kept() -> dict[str, dict[str, list[str]]]:
    countries: dict[str, dict[str, list[str]]] = json.loads(TABLE.read_text(encoding="utf-8"))["countries"]
    return countries


def test_the_table_is_what_make_holidays_writes(kept: dict[str, dict[str, list[str]]]) -> None:
    years = json.loads(TABLE.read_text(encoding="utf-8"))["years"]

    assert table(years) == kept, "run `make holidays` with the years that the table has"


def test_a_day_that_some_parts_of_a_country_keep_says_so(kept: dict[str, dict[str, list[str]]]) -> None:
    assert f"Easter Monday{IN_PARTS}" in kept["GB"]
    assert "Good Friday" in kept["GB"]
    assert not any("Patrick" in name for name in kept["GB"])
