"""The fortnight in every zone of the IANA database, for fifty years."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.core.slot import Rhythm
from newsletter.core.time_zones import names, time_zone

ANCHOR = date(2026, 12, 1)
FIRST, YEARS = datetime(2026, 12, 1, tzinfo=UTC), 50
ONE_DAY, WEEK, MINUTE = timedelta(days=1), timedelta(weeks=1), timedelta(minutes=1)


@cache
def zones() -> dict[str, ZoneInfo]:
    """Return one zone for each clock that differs in these years; most differ in their names, or in the past."""
    clocks: dict[object, tuple[str, ZoneInfo]] = {}
    for name in sorted(names()):
        zone = time_zone(name)
        offsets = ((change, change.astimezone(zone).utcoffset()) for change in (FIRST, *changes(zone)))
        clocks.setdefault(tuple(offsets), (name, zone))
    return dict(clocks.values())


def changes(zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the moments at which the clocks change; no zone has two changes within a week."""
    for number in range(YEARS * 52):
        before = FIRST + number * WEEK
        after = before + WEEK
        if before.astimezone(zone).utcoffset() == after.astimezone(zone).utcoffset():
            continue
        while after - before > timedelta(seconds=1):
            middle = before + (after - before) // 2
            if middle.astimezone(zone).utcoffset() == after.astimezone(zone).utcoffset():
                after = middle
            else:
                before = middle
        yield after.replace(microsecond=0)


def first_showing(zone: ZoneInfo, day: date, hour: int, minute: int) -> datetime:
    """Return the first minute of this day whose wall clock shows this time or a later one, by looking at each."""
    wanted = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC).replace(tzinfo=None)
    # The clock of the day before says what this day's would show without a change, and no change is more than 3 hours.
    offset = (datetime(day.year, day.month, day.day, tzinfo=UTC) - ONE_DAY).astimezone(zone).utcoffset()
    assert offset is not None
    moment = (wanted - offset).replace(tzinfo=UTC) - timedelta(hours=3)
    while moment.astimezone(zone).replace(tzinfo=None) < wanted:
        moment += MINUTE
    return moment


def test_names_are_those_of_the_locked_database() -> None:
    assert {"Europe/London", "America/Argentina/Buenos_Aires", "Asia/Kathmandu", "UTC"} <= names()
    assert time_zone("Europe/London").key == "Europe/London"


@pytest.mark.parametrize("name", ["Europe/Londn", "", "../zones", "Europe", "/etc/passwd"])
def test_a_name_that_is_no_zone_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(ValueError, match="Europe/London"):
        time_zone(name)


def test_for_fifty_years_each_fortnight_has_one_slot_at_nine_in_every_zone() -> None:
    """No zone changes its clocks at nine, so the local time is never anything else."""
    assert len(zones()) >= 60
    for name, zone in zones().items():
        slots = Rhythm(anchor=ANCHOR, time_zone=zone).next_slots(YEARS * 26, FIRST - ONE_DAY)
        assert {(slot.hour, slot.minute) for slot in slots} == {(9, 0)}, name
        assert [slot.date() for slot in slots] == [ANCHOR + number * 2 * WEEK for number in range(YEARS * 26)], name


def test_around_every_change_of_every_clock_a_day_has_one_slot_by_the_rule() -> None:
    tried = 0
    for name, zone in zones().items():
        for change in changes(zone):
            just_before = (change - MINUTE).astimezone(zone)
            for minutes in (0, 1, 31):
                wall = just_before.replace(tzinfo=None) + timedelta(minutes=minutes)
                rhythm = Rhythm(anchor=wall.date(), time_zone=zone, hour=wall.hour, minute=wall.minute)
                slot = rhythm.moment(wall.date())
                assert slot.astimezone(UTC) == first_showing(zone, wall.date(), wall.hour, wall.minute), (name, wall)
                assert rhythm.day_of(slot) == wall.date(), (name, wall)
                assert rhythm.next_slots(1, slot.astimezone(UTC) - timedelta(seconds=1)) == [slot], (name, wall)
                following = rhythm.next_slots(1, slot.astimezone(UTC))[0]
                assert rhythm.day_of(following) == wall.date() + 2 * WEEK, (name, wall)
                tried += 1
    assert tried > 5000


@settings(max_examples=300)
@given(
    st.sampled_from(sorted(names())),
    st.dates(date(2026, 12, 1), date(2076, 12, 1)),
    st.integers(0, 23),
    st.integers(0, 59),
)
def test_any_day_in_any_zone_at_any_time_has_one_slot_by_the_rule(name: str, day: date, hour: int, minute: int) -> None:
    zone = time_zone(name)
    rhythm = Rhythm(anchor=ANCHOR, time_zone=zone, hour=hour, minute=minute)

    slot = rhythm.moment(day)

    assert slot.astimezone(UTC) == first_showing(zone, day, hour, minute)
    assert rhythm.day_of(slot) == day
