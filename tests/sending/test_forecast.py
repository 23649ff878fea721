"""How long a send takes and what it costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.sending.domain.forecast import SES_PER_THOUSAND, forecast
from newsletter.sending.domain.quota import Allowance

ROOMY = Allowance(per_second=14, per_day=50_000, left_today=50_000)


def test_a_small_list_goes_out_at_the_rate_of_the_account() -> None:
    told = forecast(1400, ROOMY)

    assert told.duration == timedelta(seconds=100)
    assert told.beyond_quota == 0


def test_nobody_takes_no_time_and_no_money() -> None:
    told = forecast(0, ROOMY)

    assert (told.duration, told.ses_fee, told.own_fee) == (timedelta(0), 0, 0)


def test_what_the_quota_does_not_hold_waits_a_day_for_each_further_helping() -> None:
    sandbox = Allowance(per_second=1, per_day=200, left_today=150)

    assert forecast(150, sandbox).beyond_quota == 0
    assert forecast(151, sandbox).duration == timedelta(days=1, seconds=1)
    assert forecast(350, sandbox).duration == timedelta(days=1, seconds=200)
    assert forecast(351, sandbox).duration == timedelta(days=2, seconds=1)


def test_a_quota_that_somebody_else_used_up_begins_with_a_wait() -> None:
    told = forecast(100, Allowance(per_second=10, per_day=200, left_today=-3))

    assert told.beyond_quota == 100
    assert told.duration == timedelta(days=1, seconds=10)


def test_an_account_without_a_limit_for_a_day_never_waits() -> None:
    told = forecast(1_000_000, Allowance(per_second=1000, per_day=-1, left_today=-1))

    assert (told.beyond_quota, told.duration) == (0, timedelta(seconds=1000))


def test_our_own_part_of_a_million_is_small_beside_the_fee_of_ses() -> None:
    told = forecast(1_000_000, ROOMY)

    assert told.ses_fee == pytest.approx(1000 * SES_PER_THOUSAND)
    assert told.own_fee <= 0.015 * told.ses_fee


@given(
    recipients=st.integers(0, 5_000_000),
    per_second=st.floats(0.1, 5000),
    per_day=st.integers(1, 10_000_000),
    used=st.integers(0, 10_000_000),
)
def test_it_is_never_faster_than_the_rate_and_never_shorter_with_more_people(
    recipients: int, per_second: float, per_day: int, used: int
) -> None:
    allowance = Allowance(per_second=per_second, per_day=per_day, left_today=per_day - used)

    told, more = forecast(recipients, allowance), forecast(recipients + 1, allowance)

    assert told.duration >= timedelta(seconds=recipients / per_second - 1e-3)
    assert more.duration >= told.duration - timedelta(seconds=1e-3)
