"""What a stack costs a month while nothing is sent, and a small newsletter a year: list prices, without allowances.

The quantities are those of template.yaml, which a test reads for both sizes; what the clocks use is an estimate that
errs on the dear side. Free allowances of an account (ten alarms, a million requests to SQS, …) are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.sending.domain.forecast import NEW, fees

SIZES = ("small", "large")
"""The values of the parameter `Size`."""

MOST = {"small": 2.00, "large": 8.00}
"""The most that a stack of each size may cost a month while nothing is sent. Units: US dollars."""

KEYS_IN = {"small": "parameters", "large": "secrets"}
"""The value of the parameter `KeysIn` that `newsletter setup` gives a new stack of each size."""

ISSUES_A_YEAR = 26

HOURS = 730.5
"""Of a month."""

POLLS_AN_HOUR = 180
"""Of one poller of an empty queue: Lambda asks for twenty seconds each time, and SQS bills each question."""

POLLERS = 5
"""Of one mapping, if its `MaximumConcurrency` does not allow fewer.

Sources: https://repost.aws/knowledge-center/sqs-high-charges; that fewer workers mean fewer pollers is what others
measured, and no promise of AWS: docs/cost.md says what it would cost otherwise.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the bill."""

    what: str
    number: float
    """A month."""
    price: float
    """List price of one in us-east-1. Units: US dollars."""
    kind: str = ""
    """The type of resource that the number counts in template.yaml, if it counts one."""

    @property
    def fee(self) -> float:
        """What they cost together. Units: US dollars."""
        return self.number * self.price


INVALIDATION = Row("paths of CloudFront that are invalidated for an issue", 8, 0.005)
"""Four changes of the archive, three of them of so many pages that one path stands for all: see `cloudfront_cache`. The
first thousand of a month are free. Source: https://aws.amazon.com/cloudfront/pricing/."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """How often something looks while nothing is sent, in an hour; five more a day do not count."""

    looks: int
    """Of `settle` at everything."""
    others: int = 6 + 2
    """Of `schedule` at its slots, of the archive and of reports that are due."""

    @property
    def ticks(self) -> float:
        """A month."""
        return (self.looks + self.others) * HOURS + 5 * 31


CLOCKS = {"small": Clocks(looks=6), "large": Clocks(looks=12)}

ALARMS, DASHBOARDS, METRICS = {"small": 5, "large": 18}, {"small": 0, "large": 1}, {"small": 0, "large": 1}
SECRETS = {"secrets": 4, "both": 4, "parameters": 1}
"""By the parameter `KeysIn`. Parameters of Parameter Store, up to 4 KB each, and reading them cost nothing."""

MAPPINGS = 9
WORKERS = 2
"""`MaximumConcurrency` of each mapping."""

DEAD_LETTER_QUEUES = 11


def idle_bill(size: str, keys_in: str = "") -> list[Row]:
    """Return what a stack costs a month while nothing is sent, with the defaults of all other parameters.

    Args:
        size: The parameter `Size`: small or large.
        keys_in: The parameter `KeysIn`; empty for what setup gives a new stack.

    Sources, read in November 2026: https://aws.amazon.com/secrets-manager/pricing/,
    https://aws.amazon.com/cloudwatch/pricing/, https://aws.amazon.com/sqs/pricing/,
    https://aws.amazon.com/eventbridge/pricing/, https://aws.amazon.com/lambda/pricing/,
    https://aws.amazon.com/dynamodb/pricing/on-demand/, https://aws.amazon.com/s3/pricing/,
    https://aws.amazon.com/xray/pricing/, https://aws.amazon.com/systems-manager/pricing/.
    """
    clocks = CLOCKS[size]
    looks, ticks = clocks.looks * HOURS, clocks.ticks
    rows = [
        Row("secrets", SECRETS[keys_in or KEYS_IN[size]], 0.40, "AWS::SecretsManager::Secret"),
        Row("alarms", ALARMS[size], 0.10, "AWS::CloudWatch::Alarm"),
        Row("dashboard", DASHBOARDS[size], 3.00, "AWS::CloudWatch::Dashboard"),
        Row("metrics of our own", METRICS[size], 0.30),
        Row("empty polls of queues", MAPPINGS * min(POLLERS, WORKERS) * POLLS_AN_HOUR * HOURS, 0.40e-6),
        Row("clocks that strike", ticks, 1.00e-6),
        # a tick is sent, received and deleted; a look counts every queue of dead letters, lists them, and says so
        Row("messages of clocks, and counting failed ones", 3 * ticks + (DEAD_LETTER_QUEUES + 2) * looks, 0.40e-6),
        Row("functions that clocks wake", ticks, 0.20e-6),
        Row("GB-seconds of these, a quarter of a second each", ticks / 8, 13.3334e-6),
        Row("reads of tables by these", 12 * ticks, 0.125e-6),
        Row("reads of files, once an hour", 30 * HOURS, 0.40e-6),
        Row("GB of log of these: 2 KB each", 2e-6 * ticks, 0.50),
        Row("traces of these", ticks if size == "large" else 0, 5.00e-6),
    ]
    return [row for row in rows if row.number]


def idle_fee(size: str, keys_in: str = "") -> float:
    """Return what a stack costs a month while nothing is sent. Units: US dollars."""
    return sum(row.fee for row in idle_bill(size, keys_in))


def yearly_fee(size: str, readers: int, keys_in: str = "") -> float:
    """Return what a fortnightly newsletter costs a year, all in. Units: US dollars."""
    ses, own = fees(readers, NEW)
    return 12 * idle_fee(size, keys_in) + ISSUES_A_YEAR * (ses + own + INVALIDATION.fee)
