"""What the store of slots promises, checked on the one in memory and on DynamoDB alike."""

from __future__ import annotations

from datetime import timedelta

import pytest

from newsletter.calendar.adapters.dynamo_slots import DynamoSlots
from newsletter.calendar.ports import SlotStore
from tests.calendar.fakes import MemorySlots
from tests.core.fakes import NOW


@pytest.fixture(params=["memory", "dynamodb"])
def slots(request: pytest.FixtureRequest) -> SlotStore:
    if request.param == "memory":
        return MemorySlots()
    return DynamoSlots(request.getfixturevalue("dynamodb"), "SendsTable")


def test_a_slot_is_given_away_once(slots: SlotStore) -> None:
    day = NOW.date()
    assert slots.holder(day) is None
    assert slots.take(day, "first") == "first"
    assert slots.take(day, "second") == "first"
    assert slots.holder(day) == "first"
    assert slots.take(day + timedelta(days=14), "second") == "second"
