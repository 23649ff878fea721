"""docs/cost.md: what lists of every size cost, from the one table of prices in the code and from template.yaml."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from local.documents.within import with_parts
from local.package import read_template
from local.process import ROOT
from newsletter.core.figures import spelled
from newsletter.reports.domain.metrics import Metric
from newsletter.sending.domain.forecast import USES, event_fee, fees, forecast
from newsletter.sending.domain.quota import Allowance

FILE = ROOT / "docs" / "cost.md"
SIZES = (1_000, 5_000, 20_000, 100_000, 1_000_000, 10_000_000)
ISSUES = 26
"""A year of fortnights."""

RATES = (14, 200, 1_000)
"""Recipients per second: a small account, a grown one, a large one."""

FIXED = {
    # Name in the template: what one costs a month, and where that is said.
    "AWS::SecretsManager::Secret": ("secrets", 0.40),
    "AWS::CloudWatch::Alarm": ("alarms", 0.10),
    "AWS::CloudWatch::Dashboard": ("dashboard", 3.00),
    "AWS::Logs::MetricFilter": ("numbers of our own", 0.30),
}
"""Monthly list prices, USD. https://aws.amazon.com/secrets-manager/pricing/, https://aws.amazon.com/cloudwatch/pricing/;
read in November 2026. Ten alarms, ten numbers and three dashboards are free for an account."""


def as_text() -> str:
    """Return the page with its tables."""
    resources = read_template(ROOT / "template.yaml")["Resources"]
    return with_parts(FILE, {"sizes": _sizes(), "uses": _uses(), "standing": _fixed(resources)})


def _sizes() -> str:
    heads = ["readers", "SES, an issue", "all else, an issue", "a year of 26 issues", *(f"at {r}/s" for r in RATES)]
    rows = [_row(heads), _row(["---:"] * len(heads))]
    for size in SIZES:
        ses, own = fees(size)
        times = [spelled(_duration(size, rate)).removeprefix("about ") for rate in RATES]
        cells = [f"{size:,}", _usd(ses), _usd(own), _usd(ISSUES * (ses + own)), *times]
        rows.append(_row(cells))
    return "\n".join(rows)


def _duration(size: int, rate: float) -> timedelta:
    return forecast(size, Allowance(per_second=rate, per_day=-1, left_today=0)).duration


def _uses() -> str:
    rows = [_row(["what", "units for 1,000 readers", "USD a million units", "USD a million readers"])]
    rows.append(_row(["---", "---:", "---:", "---:"]))
    for name, use in USES.items():
        rows.append(
            _row([name, f"{use.per_thousand:,g}", f"{use.price:g}", f"{use.per_thousand * use.price / 1000:.2f}"])
        )
    total = sum(use.per_thousand * use.price for use in USES.values()) / 1000
    rows.append(_row(["together", "", "", f"{total:.2f}"]))
    rows.append(_row(["with `EventDetail=full`, a Delivery event besides", "", "", f"{event_fee(1_000_000):.2f}"]))
    return "\n".join(rows)


def _fixed(resources: Mapping[str, Any]) -> str:
    there = Counter(each["Type"] for each in resources.values())
    there["AWS::Logs::MetricFilter"] += len(Metric)  # those that the functions write are in no template
    rows = [_row(["what", "how many", "USD a month"]), _row(["---", "---:", "---:"])]
    total = 0.0
    for kind, (name, price) in FIXED.items():
        if there[kind]:
            total += there[kind] * price
            rows.append(_row([name, str(there[kind]), f"{there[kind] * price:.2f}"]))
    rows.append(_row(["together", "", f"{total:.2f}"]))
    return "\n".join(rows)


def _usd(amount: float) -> str:
    return f"{amount:,.2f}" if amount >= 0.005 else "less than 0.01"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
