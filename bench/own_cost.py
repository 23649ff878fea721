"""What a million recipients cost beside SES, by the account's rate: the forecast that the desk and the reports show."""

from __future__ import annotations

from typing import Any

from newsletter.sending.domain.forecast import forecast
from newsletter.sending.domain.quota import Allowance

RECIPIENTS = 1_000_000
RATES = (14, 200)
"""Recipients per second: a new account, and a grown one."""

KNOWN = 200
"""The rate that a forecast is about which does not tell rates apart."""


def measure() -> dict[str, Any]:
    """Return `own_cost_usd`, by rate; only of rates that the forecast knows."""
    fees = {rate: _own_fee(rate) for rate in RATES}
    if len(set(fees.values())) == 1:
        fees = {KNOWN: fees[KNOWN]}
    return {"own_cost_usd": {str(rate): round(fee, 2) for rate, fee in fees.items()}}


def _own_fee(rate: float) -> float:
    return forecast(RECIPIENTS, Allowance(per_second=rate, per_day=-1, left_today=-1)).own_fee
