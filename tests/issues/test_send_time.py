"""When an issue goes out, in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from newsletter.core.figures import in_dollars, spelled
from newsletter.core.slot import Rhythm
from newsletter.issues.domain.issue import IssueStatus, SendPolicy
from newsletter.issues.domain.send_time import expected_slot, send_time_sentence
from tests.factories import record

RHYTHM = Rhythm(anchor=date(2026, 12, 1), time_zone=ZoneInfo("Europe/London"))
MONDAY = datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_older_issues_take_the_slots_before() -> None:
    ready = [
        record(slug="oldest", date=date(2026, 11, 3)),
        record(slug="held", date=date(2026, 11, 4), held=True),
        record(slug="archive-only", date=date(2026, 11, 5), send=SendPolicy.NEVER),
        record(slug="older", date=date(2026, 11, 10)),
        record(),
        record(slug="newer", date=date(2026, 12, 2)),
    ]

    assert expected_slot(ready[0], ready, RHYTHM, now=MONDAY) == datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert expected_slot(record(), ready, RHYTHM, now=MONDAY) == datetime(2026, 12, 29, 9, tzinfo=UTC)
    assert expected_slot(record(), [], RHYTHM, now=MONDAY) == datetime(2026, 12, 1, 9, tzinfo=UTC)


def test_an_issue_of_a_later_date_leaves_the_slots_before_it_to_others() -> None:
    assert expected_slot(record(date=date(2026, 12, 2)), [], RHYTHM, now=MONDAY).date() == date(2026, 12, 15)


def test_the_slot_in_the_hour_that_the_clocks_jump_over_is_not_passed_by() -> None:
    sunday = date(2027, 3, 28)
    rhythm = Rhythm(anchor=sunday, time_zone=ZoneInfo("Europe/London"), hour=1, minute=30)

    assert expected_slot(record(date=sunday), [], rhythm, now=MONDAY).astimezone(UTC) == datetime(
        2027, 3, 28, 1, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("changes", "needs_approval", "said"),
    [
        ({}, False, "It goes out on Tuesday 1 December 2026 at 09:00 (Europe/London)."),
        ({}, True, "It is waiting for approval. It goes out on Tuesday 1 December"),
        ({"approved": "a" * 64}, True, "It goes out on Tuesday 1 December"),
        ({"held": True}, False, "It is on hold"),
        ({"status": IssueStatus.DRAFT}, False, "This is a draft"),
        ({"send": SendPolicy.NEVER}, False, "for the archive only"),
        ({"send": SendPolicy.NOW, "date": date(2026, 11, 30)}, False, "It goes out at once."),
        ({"send": SendPolicy.NOW, "date": date(2026, 11, 30)}, True, "as soon as somebody approves"),
        (
            {"send": SendPolicy.NOW, "date": date(2026, 11, 30), "leaves_at": MONDAY + timedelta(minutes=10)},
            False,
            "It goes out at 12:10 (Europe/London), unless somebody puts it on hold first.",
        ),
        ({"send": SendPolicy.NOW}, False, "It goes out on Tuesday 1 December"),
        ({"status": IssueStatus.SENT}, False, "This corrects the page"),
    ],
)
def test_the_editors_read_when_it_goes_out(changes: dict[str, Any], needs_approval: bool, said: str) -> None:  # noqa: FBT001
    assert said in send_time_sentence(record(**changes), [], RHYTHM, needs_approval=needs_approval, now=MONDAY)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "less than a minute"),
        (60, "about 1 minute"),
        (100, "about 2 minutes"),
        (3600, "about 60 minutes"),
        (2 * 3600, "about 2 hours"),
        (24 * 3600, "about 24 hours"),
        (7 * 86400, "about 7 days"),
    ],
)
def test_a_duration_is_said_as_people_say_it(seconds: int, said: str) -> None:
    assert spelled(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("amount", "said"),
    [(0.0, "less than a cent"), (0.0099, "less than a cent"), (0.01, "0.01 USD"), (1600.0, "1,600.00 USD")],
)
def test_a_small_sum_is_not_called_nothing(amount: float, said: str) -> None:
    assert in_dollars(amount) == said
