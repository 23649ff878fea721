"""What a calendar promises, checked on the one in memory and on DynamoDB alike."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from newsletter.calendar.adapters.dynamo_calendar import DynamoCalendar
from newsletter.calendar.ports import SlotCalendar
from newsletter.core.slot import Calendar
from newsletter.sending.adapters.dynamo_sends import DynamoSends
from tests.calendar.fakes import MemoryCalendar
from tests.core.fakes import NOW

DAY, OTHER = date(2026, 12, 15), date(2026, 12, 18)


@pytest.fixture(params=["memory", "dynamodb"])
def calendar(request: pytest.FixtureRequest) -> SlotCalendar:
    if request.param == "memory":
        return MemoryCalendar()
    return DynamoCalendar(request.getfixturevalue("dynamodb"), "SendsTable")


def test_a_calendar_is_empty_before_somebody_decides(calendar: SlotCalendar) -> None:
    assert calendar.get() == Calendar()


def test_days_are_skipped_and_added_and_taken_back_and_twice_is_once(calendar: SlotCalendar) -> None:
    for _ in range(2):
        calendar.set_skipped(DAY, skipped=True)
        calendar.set_extra(OTHER, extra=True)
        assert calendar.get() == Calendar(skipped=frozenset({DAY}), extra=frozenset({OTHER}))

    calendar.set_skipped(OTHER, skipped=True)
    for _ in range(2):
        calendar.set_skipped(DAY, skipped=False)
        calendar.set_extra(OTHER, extra=False)
        assert calendar.get() == Calendar(skipped=frozenset({OTHER}))


def test_what_the_editors_were_told_is_kept_for_each_slot(calendar: SlotCalendar) -> None:
    assert calendar.told(DAY) == frozenset()
    for what in ("48h", "48h ready", "48h"):
        calendar.tell(DAY, what)

    assert calendar.told(DAY) == {"48h", "48h ready"}
    assert calendar.told(OTHER) == frozenset()
    assert calendar.get() == Calendar()


def test_the_first_look_is_remembered(calendar: SlotCalendar) -> None:
    assert calendar.watched_since(NOW) == NOW
    assert calendar.watched_since(NOW + timedelta(days=1)) == NOW


def test_a_slot_may_be_given_away_beside_the_calendar(dynamodb: object) -> None:
    """Both live in one table."""
    calendar = DynamoCalendar(dynamodb, "SendsTable")  # type: ignore[arg-type]
    sends = DynamoSends(dynamodb, "SendsTable")  # type: ignore[arg-type]
    calendar.tell(DAY, "48h")
    calendar.set_skipped(DAY, skipped=True)

    assert sends.slot_holder(DAY) is None
    assert sends.take_slot(DAY, "first") == "first"
    assert calendar.told(DAY) == {"48h"}
