"""What a newsletter will cost, before anything of it is deployed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.sending.domain.forecast import fees

ISSUES_A_YEAR = 26

MONTHLY: dict[str, tuple[str, float]] = {
    "AWS::SecretsManager::Secret": ("secrets", 0.40),
    "AWS::CloudWatch::Alarm": ("alarms", 0.10),
    "AWS::CloudWatch::CompositeAlarm": ("alarms of alarms", 0.50),
    "AWS::CloudWatch::Dashboard": ("dashboards", 3.00),
    "AWS::Logs::MetricFilter": ("numbers made of logs", 0.30),
}
"""US dollars a month for one that stands there, at list price of us-east-1 without free allowances.

Sources: https://aws.amazon.com/secrets-manager/pricing/, https://aws.amazon.com/cloudwatch/pricing/; read 2026-11.
"""

MAPPING = "AWS::Lambda::EventSourceMapping"
EMPTY_POLLS = 5 * 3 * 60 * 24 * 30 * 0.40 / 1_000_000
"""US dollars a month for the empty answers that a queue gives to its function: five long polls of 20 seconds."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What is to be paid. Units: US dollars."""

    monthly: tuple[tuple[str, int, float], ...]
    """What stands there: a word, how many, and what they cost a month."""
    an_issue: float
    reader_count: int

    @property
    def a_month(self) -> float:
        """What a month without an issue costs."""
        return sum(price for _, _, price in self.monthly)

    @property
    def a_year(self) -> float:
        """What a year of issues costs, all in."""
        return 12 * self.a_month + ISSUES_A_YEAR * self.an_issue


def expected_bill(reader_count: int, resource_counts: Mapping[str, int]) -> Bill:
    """Return the bill for so many readers.

    Args:
        reader_count: Who get each issue.
        resource_counts: How many resources of each type the stack will have.
    """
    there = [(word, resource_counts.get(kind, 0), price) for kind, (word, price) in MONTHLY.items()]
    there.append(("queues that functions listen to", resource_counts.get(MAPPING, 0), EMPTY_POLLS))
    return Bill(
        tuple((word, count, count * price) for word, count, price in there if count),
        sum(fees(reader_count)),
        reader_count,
    )


def lines(bill: Bill) -> list[str]:
    """Return the bill as people read it."""
    rows = [f"  {word:<34}{count:>4}{price:>10.2f}" for word, count, price in bill.monthly]
    return [
        "What it costs, in US dollars, at list price and without free allowances:",
        *rows,
        f"  {'a month without an issue':<38}{bill.a_month:>10.2f}",
        f"  {f'an issue to {bill.reader_count:,} readers':<38}{bill.an_issue:>10.2f}",
        f"  {f'a year with {ISSUES_A_YEAR} issues':<38}{bill.a_year:>10.2f}",
        "docs/cost.md has the rest: storage, logs and visits to the pages are cents.",
    ]
