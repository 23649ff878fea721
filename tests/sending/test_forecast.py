"""How long a send takes and what it costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.reports.domain.receipt import BILLED_IN
from newsletter.sending.domain.forecast import (
    EVENT_UNITS,
    GROWN,
    NEW,
    PRICES,
    SES_PER_THOUSAND,
    TOPIC_UNITS,
    UNITS,
    UNLIMITED,
    fees,
    forecast,
)
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


def test_a_million_recipients_cost_little_beside_ses_at_every_rate() -> None:
    """Held here, so that nothing that is added makes an issue dear: all else is less than one per cent of SES's fee."""
    new, grown, unlimited = (fees(1_000_000, rate)[1] for rate in (NEW, GROWN, UNLIMITED))

    assert unlimited < grown < new <= 1.60
    assert grown <= 0.60
    assert fees(1_000_000) == fees(1_000_000, GROWN)


@pytest.mark.parametrize(
    ("per_second", "measured"),
    [(0.01, NEW), (14, NEW), (52, NEW), (53, GROWN), (200, GROWN), (999, GROWN), (1000, UNLIMITED), (1e9, UNLIMITED)],
)
def test_an_account_costs_what_the_nearest_measured_one_does(per_second: float, measured: float) -> None:
    assert fees(1000, per_second) == fees(1000, measured)


def test_the_forecast_goes_by_the_rate_of_the_account() -> None:
    slow, fast = (
        forecast(1_000_000, Allowance(per_second=rate, per_day=-1, left_today=0)).own_fee for rate in (14, 200)
    )

    assert (slow, fast) == (fees(1_000_000, NEW)[1], fees(1_000_000, GROWN)[1])


def test_whatever_is_used_has_a_price_and_a_place_in_the_receipt() -> None:
    assert set(PRICES) == set(BILLED_IN)
    for units in (*UNITS.values(), EVENT_UNITS, TOPIC_UNITS):
        assert set(units) <= set(PRICES)
