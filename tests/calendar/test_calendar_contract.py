"""What a calendar promises, checked on the one in memory and on DynamoDB alike."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from newsletter.calendar.adapters.dynamo_calendar import DynamoCalendar
from newsletter.calendar.adapters.dynamo_slots import DynamoSlots
from newsletter.calendar.domain.notice import Notice
from newsletter.calendar.ports import SlotCalendar
from newsletter.core.slot import Calendar
from newsletter.core.time_zones import WallTime
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


def test_the_reason_of_a_day_is_kept_replaced_and_forgotten(calendar: SlotCalendar) -> None:
    calendar.set_skipped(DAY, skipped=True)
    for because in ("Christmas", "Christmas break"):
        calendar.set_reason(DAY, because)
        assert calendar.get() == Calendar(skipped=frozenset({DAY}), reasons={DAY: because})

    calendar.set_reason(OTHER, "")
    for _ in range(2):
        calendar.set_reason(DAY, "")
        assert calendar.get() == Calendar(skipped=frozenset({DAY}))


def test_what_the_editors_were_told_is_kept_for_each_hour_of_each_issue(calendar: SlotCalendar) -> None:
    hour, later = WallTime(DAY, 14, 30), WallTime(DAY, 16, 0)
    for notice in (Notice.TWO_DAYS, Notice.FIRED, Notice.TWO_DAYS):
        calendar.note_hour_notice("an-issue", hour, notice)

    assert calendar.hour_notices("an-issue", hour) == {Notice.TWO_DAYS, Notice.FIRED}
    assert calendar.hour_notices("an-issue", later) == calendar.hour_notices("another", hour) == frozenset()
    assert calendar.notices(DAY) == frozenset()


def test_what_the_editors_were_told_is_kept_for_each_slot(calendar: SlotCalendar) -> None:
    assert calendar.notices(DAY) == frozenset()
    for notice in (Notice.TWO_DAYS, Notice.READY_AFTER_TWO_DAYS, Notice.TWO_DAYS):
        calendar.note_notice(DAY, notice)

    assert calendar.notices(DAY) == {"48h", "48h ready"}
    assert calendar.notices(OTHER) == frozenset()
    assert calendar.get() == Calendar()


def test_notices_are_stored_in_the_words_of_every_version(dynamodb: Any) -> None:
    """A stack in use was written by an older version, and may have been written by a newer one."""
    words = {
        "SS": [
            "fired",
            "48h",
            "24h",
            "2h",
            "48h ready",
            "24h ready",
            "2h ready",
            "24h language",
            "digest",
            "of a later version",
        ]
    }
    item = {"slug": {"S": "calendar"}, "item": {"S": f"told#{DAY}"}, "what": words}
    dynamodb.put_item(TableName="SendsTable", Item=item)

    assert DynamoCalendar(dynamodb, "SendsTable").notices(DAY) == set(Notice)


def test_the_first_look_is_remembered(calendar: SlotCalendar) -> None:
    assert calendar.watched_since(NOW) == NOW
    assert calendar.watched_since(NOW + timedelta(days=1)) == NOW


def test_a_slot_may_be_given_away_beside_the_calendar(dynamodb: object) -> None:
    """Both live in one table."""
    calendar = DynamoCalendar(dynamodb, "SendsTable")  # type: ignore[arg-type]
    slots = DynamoSlots(dynamodb, "SendsTable")  # type: ignore[arg-type]
    calendar.note_notice(DAY, Notice.TWO_DAYS)
    calendar.set_skipped(DAY, skipped=True)

    assert slots.holder(DAY) is None
    assert slots.take(DAY, "first") == "first"
    assert calendar.notices(DAY) == {"48h"}
