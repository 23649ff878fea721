"""What a send will take: how long, and how much.

Prices are those of us-east-1 in US dollars, without free allowances: a bill is rather lower than this. They are
dated, and here only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from newsletter.sending.domain.quota import Allowance

DAY = timedelta(days=1)

SES_PER_THOUSAND = 0.16
"""The plan of accounts opened since 2026-07-21 ("Essentials"); accounts before it pay 0.10.

Source: https://aws.amazon.com/ses/pricing/, price list of 2026-07-22.
"""


@dataclass(frozen=True, slots=True)
class Use:
    """Something of AWS that a send uses."""

    per_thousand: float
    """Units for a thousand recipients."""
    price: float
    """Of a million units."""


def batch_units(recipient_count: int) -> int:
    """Return how many write units a batch takes: 17 bytes for each recipient, and a little for its name and state."""
    return math.ceil((17 * recipient_count + 160) / 1024)


# Those of an account that may send 200 a second: a thousand recipients are 10 batches of 100. On a faster account
# batches are larger and workers wait less; on a slow one they wait longer than all the rest takes.
USES: dict[str, Use] = {
    # a batch is planned, claimed and done, and books its room; evidence: each part of fifty about twice
    "DynamoDB writes": Use(per_thousand=10 * (3 * batch_units(100) + 1) + 20 * 2, price=0.625),
    # each subscriber is read once, consistently; the header and the batch a few times; the index costs next to nothing
    "DynamoDB reads": Use(per_thousand=1000 + 50, price=0.125),
    # one event of acceptance each
    "SNS": Use(per_thousand=1000, price=0.50),
    # an event is written, received and deleted, the last two up to ten at once; batches and plans are few
    "SQS": Use(per_thousand=1000 + 2 * 100 + 3 * 10, price=0.40),
    "Lambda requests": Use(per_thousand=10 + 10, price=0.20),
    # five workers for five seconds, most of which they wait, a hundred events half a second, in 512 MB;
    # Units: GB-seconds on arm64
    "Lambda": Use(per_thousand=5 * 5 * 0.5 + 10 * 0.25, price=13.3334),
    # a worker reads the rendered issue once in its life, and its keys; the report is written twice; a hundred events
    # are one object of the second place of evidence
    "S3 reads": Use(per_thousand=1, price=0.40),
    "S3 writes": Use(per_thousand=0.1 + 10, price=5.00),
    "Secrets Manager": Use(per_thousand=1, price=5.00),
}
"""Sources: https://aws.amazon.com/dynamodb/pricing/on-demand/ (2025-07), https://aws.amazon.com/sns/pricing/,
https://aws.amazon.com/sqs/pricing/ (2026-03), https://aws.amazon.com/lambda/pricing/; read 2026-11-23.
https://aws.amazon.com/s3/pricing/, https://aws.amazon.com/secrets-manager/pricing/; read 2026-11-24.
"""

EVENT_USES: dict[str, Use] = {
    "SNS": Use(per_thousand=1000, price=USES["SNS"].price),
    # written, received and deleted, the last two up to ten at once
    "SQS": Use(per_thousand=1000 + 2 * 100, price=USES["SQS"].price),
    "Lambda requests": Use(per_thousand=10, price=USES["Lambda requests"].price),
    "Lambda": Use(per_thousand=10 * 0.25, price=USES["Lambda"].price),
    # two writes of 2 KB for each part of fifty
    "DynamoDB writes": Use(per_thousand=20 * 4, price=USES["DynamoDB writes"].price),
    # a hundred events are one object of the second place of evidence
    "S3 writes": Use(per_thousand=10, price=USES["S3 writes"].price),
}
"""What one kind of event uses when it comes for every recipient. Send events do, and are part of the table above."""


def event_fee(recipient_count: int) -> float:
    """Return what one event for each recipient costs. Units: US dollars."""
    return recipient_count / 1000 * sum(use.per_thousand * use.price / 1_000_000 for use in EVENT_USES.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a send will take, as far as we can know."""

    recipients: int
    duration: timedelta
    """From the first mail to the last."""
    beyond_quota: int
    """How many more than SES takes before somebody's turn of today is a day old."""
    ses_fee: float
    """US dollars."""
    own_fee: float
    """What everything beside SES costs, in US dollars."""


def fees(recipient_count: int) -> tuple[float, float]:
    """Return what so many recipients cost: SES, and everything beside it. Units: US dollars."""
    own = sum(use.per_thousand * use.price / 1_000_000 for use in USES.values())
    return recipient_count / 1000 * SES_PER_THOUSAND, recipient_count / 1000 * own


def forecast(recipient_count: int, allowance: Allowance) -> Forecast:
    """Return how long a send to so many people takes, and what it costs.

    The quota is counted over the last 24 hours. What is left goes out at once, and each further helping has to wait
    for the one before to be a day old.
    """
    rate = max(allowance.per_second, 0.01)
    left = recipient_count if allowance.unlimited else max(math.floor(allowance.left_today), 0)
    # Nothing waits for a quota that the rate cannot use up within its day.
    in_a_day = max(rate * DAY.total_seconds(), 1)
    helping = in_a_day if allowance.unlimited else max(min(allowance.per_day, in_a_day), 1)
    at_once = min(left, in_a_day)
    days = math.ceil((recipient_count - at_once) / helping) if recipient_count > at_once else 0
    last = recipient_count - at_once - (days - 1) * helping if days else recipient_count
    ses_fee, own_fee = fees(recipient_count)
    return Forecast(
        recipients=recipient_count,
        duration=timedelta(seconds=days * DAY.total_seconds() + last / rate),
        beyond_quota=max(recipient_count - left, 0),
        ses_fee=ses_fee,
        own_fee=own_fee,
    )
