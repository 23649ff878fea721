"""The fortnight, in local time, across changes of the clocks, years with 53 weeks, and what people decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.slot import Calendar, Rhythm

LONDON = Rhythm(anchor=date(2026, 12, 1), time_zone=ZoneInfo("Europe/London"))
moments = st.integers(0, 50 * 365 * 24 * 60).map(lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m))
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


def sunday_at(hour: int, minute: int = 30) -> Rhythm:
    """Return a rhythm that meets London's changes of 2027: 28 March, 1:00 to 2:00, and 31 October, 2:00 to 1:00."""
    return replace(LONDON, anchor=date(2027, 3, 28), period_weeks=1, hour=hour, minute=minute)


def test_every_second_tuesday_is_a_slot_and_the_one_between_is_not() -> None:
    assert LONDON.is_slot(date(2026, 12, 1))
    assert not LONDON.is_slot(date(2026, 12, 8))
    assert LONDON.is_slot(date(2026, 12, 15))


def test_the_rhythm_runs_from_an_anchor_in_the_future_too() -> None:
    assert LONDON.is_slot(date(2026, 11, 17))
    assert LONDON.next_slots(1, datetime(2020, 1, 1, tzinfo=UTC)) == [datetime(2020, 1, 7, 9, tzinfo=UTC)]


def test_a_year_with_53_weeks_keeps_the_rhythm() -> None:
    slots = [slot.date() for slot in LONDON.next_slots(3, datetime(2026, 12, 22, tzinfo=UTC))]

    assert slots == [date(2026, 12, 29), date(2027, 1, 12), date(2027, 1, 26)]


def test_the_next_slot_is_at_nine_local_time_in_winter_and_in_summer() -> None:
    (winter,) = LONDON.next_slots(1, datetime(2026, 12, 2, tzinfo=UTC))
    (summer,) = LONDON.next_slots(1, datetime(2027, 6, 1, 12, tzinfo=UTC))

    assert winter == datetime(2026, 12, 15, 9, tzinfo=UTC)
    assert summer == datetime(2027, 6, 15, 8, tzinfo=UTC)


def test_an_issue_dated_between_two_slots_goes_in_the_next() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)

    assert LONDON.next_slot_on_or_after(date(2026, 12, 2), now=now).date() == date(2026, 12, 15)
    assert LONDON.next_slot_on_or_after(date(2026, 12, 1), now=now).date() == date(2026, 12, 1)
    assert LONDON.next_slot_on_or_after(date(2020, 1, 1), now=now).date() == date(2026, 12, 1)


def test_a_slot_whose_hour_the_clocks_jump_over_is_the_first_moment_behind_the_gap() -> None:
    assert sunday_at(1, 30).moment(date(2027, 3, 28)).astimezone(UTC) == datetime(2027, 3, 28, 1, tzinfo=UTC)
    assert sunday_at(1, 0).moment(date(2027, 3, 28)).astimezone(UTC) == datetime(2027, 3, 28, 1, tzinfo=UTC)
    assert sunday_at(0, 59).moment(date(2027, 3, 28)).astimezone(UTC) == datetime(2027, 3, 28, 0, 59, tzinfo=UTC)
    assert f"{sunday_at(1, 30).moment(date(2027, 3, 28)):%H:%M}" == "02:00"


def test_a_slot_whose_hour_comes_twice_is_the_first_of_the_two_and_comes_once() -> None:
    rhythm = sunday_at(1, 30)
    first = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)

    assert rhythm.moment(date(2027, 10, 31)).astimezone(UTC) == first
    assert rhythm.day_of(first) == rhythm.day_of(first + timedelta(hours=1)) == date(2027, 10, 31)
    (after,) = rhythm.next_slots(1, first.astimezone(rhythm.time_zone))
    assert after.date() == date(2027, 11, 7)


def test_a_slot_in_a_last_hour_that_does_not_exist_still_belongs_to_its_day() -> None:
    """Greenland's clocks jump from Saturday 23:00 to Sunday 0:00."""
    day = date(2027, 3, 27)
    nuuk = Rhythm(anchor=day, time_zone=ZoneInfo("America/Nuuk"), hour=23, minute=30)
    slot = nuuk.moment(day)
    in_utc = slot.astimezone(UTC)

    assert f"{slot:%A %H:%M}" == "Sunday 00:00"
    assert nuuk.day_of(in_utc) == day
    assert nuuk.day_of(in_utc + timedelta(hours=9)) == day + timedelta(days=1)
    assert nuuk.next_slots(1, in_utc - timedelta(seconds=1)) == [slot]
    assert nuuk.next_slots(1, in_utc)[0].date() == date(2027, 4, 10)


def test_a_skipped_day_is_no_slot_and_moves_no_other() -> None:
    rhythm = replace(LONDON, calendar=Calendar(skipped=frozenset({date(2026, 12, 29)})))

    slots = [slot.date() for slot in rhythm.next_slots(3, datetime(2026, 12, 1, tzinfo=UTC))]

    assert slots == [date(2026, 12, 1), date(2026, 12, 15), date(2027, 1, 12)]
    assert not rhythm.is_slot(date(2026, 12, 29))


def test_an_extra_day_may_be_any_day_and_has_the_hour_of_all() -> None:
    friday = date(2026, 12, 4)
    rhythm = replace(LONDON, calendar=Calendar(extra=frozenset({friday, date(2026, 12, 15)})))

    slots = rhythm.next_slots(3, datetime(2026, 12, 1, 9, tzinfo=UTC))

    assert [slot.date() for slot in slots] == [friday, date(2026, 12, 15), date(2026, 12, 29)]
    assert (slots[0].hour, slots[0].minute) == (9, 0)


def test_the_slot_of_this_very_moment_is_not_the_next_one() -> None:
    now = datetime(2026, 12, 1, 9, tzinfo=UTC)

    assert LONDON.next_slots(1, now - timedelta(seconds=1)) == [now]
    assert LONDON.next_slots(1, now)[0].date() == date(2026, 12, 15)


@pytest.mark.parametrize("period", [1, 2, 3, 52])
def test_slots_are_whole_periods_apart(period: int) -> None:
    rhythm = replace(LONDON, period_weeks=period)
    slots = [slot.date() for slot in rhythm.next_slots(30, datetime(2026, 12, 1, tzinfo=UTC))]

    assert {after - before for before, after in zip(slots, slots[1:], strict=False)} == {timedelta(weeks=period)}


@given(moments, st.sampled_from(["Europe/London", "Asia/Kathmandu"]))
def test_the_next_slot_is_within_a_fortnight_and_a_slot(now: datetime, zone: str) -> None:
    rhythm = Rhythm(anchor=date(2026, 12, 1), time_zone=ZoneInfo(zone))

    (slot,) = rhythm.next_slots(1, now)

    assert rhythm.is_slot(slot.date())
    assert timedelta(0) < slot - now <= timedelta(days=14, hours=2)
    assert (slot.hour, slot.minute) == (9, 0)


@given(st.frozensets(days, max_size=30), st.frozensets(days, max_size=30), days)
def test_the_days_of_slots_are_exactly_those_that_are_slots(
    skipped: frozenset[date], extra: frozenset[date], first: date
) -> None:
    rhythm = replace(LONDON, calendar=Calendar(skipped, extra))
    found = rhythm.days_from(first)

    for day in (first + timedelta(days=number) for number in range(400)):
        if rhythm.is_slot(day):
            assert next(found) == day
