"""What is remembered about the account: in memory and in DynamoDB alike."""

from __future__ import annotations

from datetime import timedelta

import pytest

from newsletter.feedback.adapters.dynamo_account_watch import DynamoAccountWatch
from newsletter.feedback.domain.reconciliation import Reconciliation, Step
from newsletter.feedback.ports import AccountWatch
from tests.core.fakes import NOW
from tests.feedback.fakes import MemoryAccountWatch

FOUND = Reconciliation(step=Step.DONE, listed=9, compared=8, suppressed=7, marked=6, put=5, refused=4, left=3)


@pytest.fixture(params=["memory", "dynamodb"])
def watch(request: pytest.FixtureRequest) -> AccountWatch:
    if request.param == "memory":
        return MemoryAccountWatch()
    return DynamoAccountWatch(request.getfixturevalue("dynamodb"), "LimitsTable")


def test_at_first_nobody_was_told_anything_and_nothing_was_compared(watch: AccountWatch) -> None:
    assert (watch.last_notice(), watch.last_reconciliation()) == ("", None)


def test_what_was_told_stands_until_its_end_is_told(watch: AccountWatch) -> None:
    watch.note_notice("PROBATION")
    assert watch.last_notice() == "PROBATION"
    watch.note_notice("")
    assert watch.last_notice() == ""


def test_only_the_last_comparison_is_kept(watch: AccountWatch) -> None:
    watch.keep(FOUND, now=NOW)
    watch.keep(Reconciliation(step=Step.DONE), now=NOW + timedelta(days=1))
    watch.keep(FOUND, now=NOW + timedelta(days=2))

    assert watch.last_reconciliation() == (NOW + timedelta(days=2), FOUND)
