"""What the store of due reports promises, checked on the one in memory and on DynamoDB alike."""

from __future__ import annotations

from datetime import timedelta

import pytest

from newsletter.sending.adapters.dynamo_due_reports import DynamoDueReports
from newsletter.sending.ports import DueReports
from tests.core.fakes import NOW
from tests.factories import SLUG
from tests.sending.fakes import MemoryDueReports


@pytest.fixture(params=["memory", "dynamodb"])
def due_reports(request: pytest.FixtureRequest) -> DueReports:
    if request.param == "memory":
        return MemoryDueReports()
    return DynamoDueReports(request.getfixturevalue("dynamodb"), "SendsTable")


def test_a_report_is_due_from_its_moment_on_until_it_is_forgotten(due_reports: DueReports) -> None:
    due = NOW + timedelta(hours=48)
    for _ in range(2):
        due_reports.add(SLUG, due=due)
    due_reports.add("another-issue", due=due - timedelta(hours=1))

    assert due_reports.due_by(due - timedelta(seconds=1)) == [("another-issue", due - timedelta(hours=1))]
    assert due_reports.due_by(due) == [("another-issue", due - timedelta(hours=1)), (SLUG, due)]
    due_reports.remove(SLUG, due=due)
    due_reports.remove(SLUG, due=due)
    assert due_reports.due_by(due) == [("another-issue", due - timedelta(hours=1))]
