"""Skipping and adding days, and what cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from newsletter.calendar.jobs.change_calendar import Change, change_calendar
from newsletter.core.slot import Calendar, Rhythm
from newsletter.errors import InvalidDayError
from tests.calendar.fakes import MemoryCalendar, MemorySlots

RHYTHM = Rhythm(anchor=date(2026, 12, 1), time_zone=ZoneInfo("Europe/London"))
NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
SLOT, FRIDAY = date(2026, 12, 15), date(2026, 12, 18)
SKIP, UNSKIP, EXTRA, UNEXTRA = Change


def change(what: Change, day: date, calendar: MemoryCalendar, slots: MemorySlots | None = None) -> Calendar:
    rhythm = replace(RHYTHM, calendar=calendar.get())
    return change_calendar(what, day, calendar=calendar, slots=slots or MemorySlots(), rhythm=rhythm, now=NOW)


@pytest.mark.parametrize(
    ("changes", "decided"),
    [
        ([(SKIP, SLOT)], Calendar(skipped=frozenset({SLOT}))),
        ([(SKIP, SLOT), (SKIP, SLOT)], Calendar(skipped=frozenset({SLOT}))),
        ([(SKIP, SLOT), (UNSKIP, SLOT), (UNSKIP, SLOT)], Calendar()),
        ([(EXTRA, FRIDAY), (EXTRA, FRIDAY)], Calendar(extra=frozenset({FRIDAY}))),
        ([(EXTRA, FRIDAY), (UNEXTRA, FRIDAY), (UNEXTRA, FRIDAY)], Calendar()),
        ([(SKIP, SLOT), (EXTRA, FRIDAY)], Calendar(frozenset({SLOT}), frozenset({FRIDAY}))),
    ],
)
def test_what_is_decided_is_kept_and_twice_is_once(changes: list[tuple[Change, date]], decided: Calendar) -> None:
    calendar = MemoryCalendar()
    for what, day in changes:
        answer = change(what, day, calendar)

    assert answer == calendar.get() == decided


@pytest.mark.parametrize(
    ("what", "day", "message"),
    [
        (SKIP, date(2026, 11, 17), "would be over"),
        (UNSKIP, date(2026, 11, 17), "would be over"),
        (SKIP, date(2026, 12, 1), "would be over"),
        (EXTRA, date(2026, 11, 20), "would be over"),
        (EXTRA, date(2062, 12, 18), "check the year"),
        (EXTRA, date.max, "check the year"),
        (SKIP, FRIDAY, "no slot; the next slots are Tuesday 15 December 2026 at 09:00, Thursday 24 December"),
        (SKIP, date(2026, 12, 8), "no slot"),
        (UNSKIP, FRIDAY, "was not skipped"),
        (EXTRA, SLOT, "a slot anyway"),
        (EXTRA, date(2026, 12, 29), "skipped slot; take that back with unskip"),
        (UNEXTRA, SLOT, "use skip"),
        (SKIP, date(2026, 12, 24), "extra day; take it back with unextra"),
    ],
)
def test_what_cannot_be_is_refused_with_the_remedy_and_changes_nothing(what: Change, day: date, message: str) -> None:
    before = Calendar(skipped=frozenset({date(2026, 12, 29)}), extra=frozenset({date(2026, 12, 24)}))
    calendar = MemoryCalendar(before)

    with pytest.raises(InvalidDayError, match=message):
        change(what, day, calendar)
    assert calendar.get() == before


def test_a_slot_that_was_given_away_cannot_be_skipped_any_more() -> None:
    slots = MemorySlots()
    slots.take(SLOT, "the-issue")

    with pytest.raises(InvalidDayError, match="the-issue"):
        change(SKIP, SLOT, MemoryCalendar(), slots)


def test_an_extra_day_that_became_a_slot_by_a_new_anchor_can_be_skipped() -> None:
    calendar = MemoryCalendar(Calendar(extra=frozenset({SLOT})))

    decided = change(SKIP, SLOT, calendar)

    assert not replace(RHYTHM, calendar=decided).is_slot(SLOT)


def test_a_day_that_was_skipped_under_another_anchor_can_be_taken_back() -> None:
    assert change(UNSKIP, FRIDAY, MemoryCalendar(Calendar(skipped=frozenset({FRIDAY})))) == Calendar()
