"""A slot is started when its send is open, and by nothing less."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from newsletter.calendar.jobs.unstarted_slots import unstarted_slots
from newsletter.core.slot import Calendar, Rhythm
from newsletter.sending.domain.send import Send
from tests.calendar.fakes import MemoryCalendar, MemorySlots
from tests.factories import SLUG
from tests.sending.fakes import MemorySends

RHYTHM = Rhythm(anchor=date(2026, 12, 1), time_zone=ZoneInfo("Europe/London"))
SLOT = datetime(2026, 12, 1, 9, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@dataclass
class Stack:
    sends: MemorySends = field(default_factory=MemorySends)
    slots: MemorySlots = field(default_factory=MemorySlots)
    calendar: MemoryCalendar = field(default_factory=MemoryCalendar)
    rhythm: Rhythm = RHYTHM

    def __post_init__(self) -> None:
        self.calendar.watched_since(SLOT - timedelta(days=90))

    def look(self, after: timedelta) -> list[datetime]:
        return unstarted_slots(
            rhythm=self.rhythm, calendar=self.calendar, slots=self.slots, sends=self.sends, now=SLOT + after
        )


@pytest.mark.parametrize(
    ("after", "found"),
    [(-HOUR, 0), (14 * MINUTE, 0), (15 * MINUTE, 1), (23 * HOUR, 1), (25 * HOUR, 0)],
)
def test_a_slot_without_a_send_is_missed_from_a_quarter_of_an_hour_after_it_for_a_day(
    after: timedelta, found: int
) -> None:
    assert Stack().look(after) == [SLOT] * found


def test_a_slot_that_was_given_away_is_started_only_when_the_send_is_open() -> None:
    stack = Stack()
    stack.slots.take(SLOT.date(), SLUG)
    assert stack.look(HOUR) == [SLOT]
    stack.sends.open(Send(slug=SLUG, content_hash="a" * 64, shards=16, opened_at=SLOT))

    assert stack.look(HOUR) == []


def test_a_skipped_day_and_a_day_before_the_first_look_are_not_missed() -> None:
    skipped = replace(RHYTHM, calendar=Calendar(skipped=frozenset({SLOT.date()})))
    assert Stack(rhythm=skipped).look(HOUR) == []
    young = Stack()
    young.calendar = MemoryCalendar()
    young.calendar.watched_since(SLOT + MINUTE)

    assert young.look(HOUR) == []
