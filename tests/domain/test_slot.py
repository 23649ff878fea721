"""The fortnight, in local time, across changes of the clocks and years with 53 weeks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from newsletter.domain.slot import Rhythm

moments = st.integers(0, 50 * 365 * 24 * 60).map(lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m))
LONDON = Rhythm(anchor=date(2026, 12, 1), time_zone=ZoneInfo("Europe/London"))


def test_every_second_tuesday_is_a_slot_and_the_one_between_is_not() -> None:
    assert LONDON.is_slot(date(2026, 12, 1))
    assert not LONDON.is_slot(date(2026, 12, 8))
    assert LONDON.is_slot(date(2026, 12, 15))
    assert LONDON.is_slot(date(2026, 11, 17))


def test_a_year_with_53_weeks_keeps_the_rhythm() -> None:
    slots = [day for day in (date(2026, 12, 22) + timedelta(days=n) for n in range(40)) if LONDON.is_slot(day)]

    assert slots == [date(2026, 12, 29), date(2027, 1, 12), date(2027, 1, 26)]


def test_the_next_slot_is_at_nine_local_time_in_winter_and_in_summer() -> None:
    winter = LONDON.next_slot(datetime(2026, 12, 2, tzinfo=UTC))
    summer = LONDON.next_slot(datetime(2027, 6, 1, 12, tzinfo=UTC))

    assert winter == datetime(2026, 12, 15, 9, tzinfo=UTC)
    assert summer == datetime(2027, 6, 15, 8, tzinfo=UTC)


def test_an_issue_dated_between_two_slots_goes_in_the_next() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)

    assert LONDON.next_slot_on_or_after(date(2026, 12, 2), now=now).date() == date(2026, 12, 15)
    assert LONDON.next_slot_on_or_after(date(2026, 12, 1), now=now).date() == date(2026, 12, 1)


@given(moments, st.sampled_from(["Europe/London", "Asia/Kathmandu"]))
def test_the_next_slot_is_within_a_fortnight_and_a_slot(now: datetime, zone: str) -> None:
    rhythm = Rhythm(anchor=date(2026, 12, 1), time_zone=ZoneInfo(zone))

    slot = rhythm.next_slot(now)

    assert rhythm.is_slot(slot.date())
    assert timedelta(0) < slot - now <= timedelta(days=14, hours=2)
    assert (slot.hour, slot.minute) == (9, 0)
