"""Few numbers, and each says what its name says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.reports.domain.metrics import Metric, of_account, of_sends
from newsletter.sending.domain.quota import Account
from newsletter.sending.domain.send import PausedBy, Send, SendState
from tests.core.fakes import NOW
from tests.factories import SLUG

LATE = Send(
    slug=SLUG,
    content_hash="a" * 64,
    shards=16,
    opened_at=NOW - timedelta(hours=2),
    expected_end=NOW - timedelta(hours=1),
)
ACCOUNT = Account(max_send_rate=14, max_24_hour_send=200, sent_last_24_hours=50)


def held(by: PausedBy) -> Send:
    paused = LATE.paused("", by=by, resume_at=None, now=NOW)
    assert paused is not None
    return paused


def test_a_send_that_waits_for_somebody_who_knows_is_not_late() -> None:
    counted = {by: of_sends([held(by)], confirmations_held=False, now=NOW)[Metric.SENDS_LATE] for by in PausedBy}

    assert {by for by, late in counted.items() if late} == {
        PausedBy.QUOTA,
        PausedBy.OUTAGE,
        PausedBy.SES,
        PausedBy.RECORD,
    }


def test_sends_that_end_or_have_no_forecast_or_are_through_are_told_apart() -> None:
    cancelling = replace(LATE, state=SendState.CANCELLING)
    through, without = replace(LATE, state=SendState.CLOSED), replace(LATE, expected_end=None)

    metrics = of_sends([LATE, cancelling, through, without], confirmations_held=False, now=NOW)

    assert metrics == {Metric.SENDS_LATE: 2, Metric.BREAKERS_OPEN: 0}


def test_every_breaker_counts() -> None:
    two = [held(PausedBy.BREAKER), held(PausedBy.BREAKER), held(PausedBy.SES)]

    assert of_sends(two, confirmations_held=True, now=NOW)[Metric.BREAKERS_OPEN] == 3


@pytest.mark.parametrize(("quota", "used"), [(200, 25), (50, 100), (40, 125), (-1, 0), (0, 100)])
def test_the_quota_is_used_in_per_cent(quota: float, used: float) -> None:
    assert of_account(replace(ACCOUNT, max_24_hour_send=quota))[Metric.QUOTA_USED] == used
