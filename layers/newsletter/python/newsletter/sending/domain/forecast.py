"""What a send will take: how long, and how much.

Prices are those of us-east-1 in US dollars, without free allowances: a bill is rather lower than this. They are
dated, and here only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from newsletter.core.figures import spelled
from newsletter.sending.domain.quota import Allowance

DAY = timedelta(days=1)

SES_PER_THOUSAND = 0.16
"""The plan of accounts opened since 2026-07-21 ("Essentials"); accounts before it pay 0.10.

Source: https://aws.amazon.com/ses/pricing/, price list of 2026-07-22.
"""


def batch_units(recipient_count: int) -> int:
    """Return how many write units a batch takes: 17 bytes for each recipient, and a little for its name and state."""
    return math.ceil((17 * recipient_count + 160) / 1024)


PRICES: dict[str, float] = {
    "DynamoDB writes": 0.625, "DynamoDB reads": 0.125, "SNS": 0.50, "SQS": 0.40, "Firehose": 0.1383,
    "Lambda requests": 0.20, "Lambda": 13.3334, "S3 reads": 0.40, "S3 writes": 5.00, "Secrets Manager": 5.00,
}  # fmt: skip
"""Of a million units, in US dollars. Lambda: GB-seconds on arm64. Firehose: events of up to 5 KB, at 0.029 USD a GB.

Sources: https://aws.amazon.com/dynamodb/pricing/on-demand/ (2025-07), https://aws.amazon.com/sns/pricing/,
https://aws.amazon.com/sqs/pricing/ (2026-03), https://aws.amazon.com/lambda/pricing/; read 2026-11-23.
https://aws.amazon.com/s3/pricing/, https://aws.amazon.com/secrets-manager/pricing/; read 2026-11-24.
https://aws.amazon.com/firehose/pricing/; read 2026-11-27.
"""

NEW, GROWN, UNLIMITED = 14.0, 200.0, math.inf
"""Recipients a second that SES takes: of a new account, of one in use, and of one that is faster than we are."""

AS_REPORTED = {"Firehose": 1000.0, "SNS": 20.0}
"""SES reports each email once through the stream, and through a topic what goes wrong: two in a hundred."""

UNITS: dict[float, Mapping[str, float]] = {
    # Batches of 50, and workers that come back until it is their turn: of the waiting is nearly all that is not
    # SES's, 41 GB-seconds. A file of events for each 210 emails.
    NEW: AS_REPORTED | {
        # a batch is planned, claimed and done, and books its room, or is refused; each part is reported in 1.3 files
        "DynamoDB writes": 20 * (3 * batch_units(50) + 1) + 76 + 26 + 10,
        # each subscriber once, consistently; for a batch and each return of it the header, the batch, the rate
        "DynamoDB reads": 1000 + 50 + 3 * 38,
        # batches and returns are written, received and deleted; so are files; and what goes wrong, mostly one by one
        "SQS": 3 * (20 + 38) + 3 * 5 + 20 * 3,
        "Lambda requests": 20 + 38 + 5 + 20,
        "Lambda": 41 + 0.2 + 20 * 0.05,
        "S3 reads": 1 + 5,
        # each file, and its events in their second place; two reports
        "S3 writes": 2 * 5 + 0.1,
        "Secrets Manager": 1,
    },
    # Batches of 100. A file holds two thousand events, which are five megabytes.
    GROWN: AS_REPORTED | {
        "DynamoDB writes": 10 * (3 * batch_units(100) + 1) + 22 + 10,
        "DynamoDB reads": 1000 + 50,
        "SQS": 3 * 10 + 3 * 0.6 + 20 * 2,
        "Lambda requests": 10 + 1 + 5,
        "Lambda": 4.8 + 0.2 + 5 * 0.05,
        "S3 reads": 1 + 0.6,
        "S3 writes": 2 * 0.6 + 0.1,
        "Secrets Manager": 1,
    },
    # A worker that waits for nothing takes 0.17 GB-seconds with 512 MB.
    UNLIMITED: AS_REPORTED | {
        "DynamoDB writes": 10 * (3 * batch_units(100) + 1) + 22 + 10,
        "DynamoDB reads": 1000 + 50,
        "SQS": 3 * 10 + 3 * 0.6 + 20 * 1.2,
        "Lambda requests": 10 + 1 + 1,
        "Lambda": 0.17 + 0.2 + 0.05,
        "S3 reads": 1 + 0.6,
        "S3 writes": 2 * 0.6 + 0.1,
        "Secrets Manager": 1,
    },
}  # fmt: skip
"""What a thousand recipients use, by the rate of the account, with `SendEvents=stream` and essential events.

Measured: `bench/results/latest.json` (`send.bulk.with_store`, `feedback.with_store`) and decision 0219.
"""


def units_per_thousand(per_second: float = GROWN) -> Mapping[str, float]:
    """Return what a thousand recipients use on an account of this rate, by the measured one that is nearest.

    Args:
        per_second: Recipients that SES takes; from a thousand on, no worker waits.
    """
    measured = UNLIMITED if per_second >= 5 * GROWN else GROWN if per_second >= math.sqrt(NEW * GROWN) else NEW
    return {name: UNITS[measured].get(name, 0) for name in PRICES}


EVENT_UNITS: dict[str, float] = {
    "Firehose": 1000,
    # two thousand are one file, and are recorded together
    "Lambda": 0.12,
    # one write of 2 KB for each part of fifty, and another for every fifth, whose events are in two files
    "DynamoDB writes": 20 * 2 * 1.2,
    "S3 reads": 0.5,
    "S3 writes": 2 * 0.5,
}
"""What one kind of event uses when it comes for every recipient. Send events do, and are part of the table above."""

TOPIC_UNITS: dict[str, float] = {
    "SNS": 1000,
    # written, received and deleted, the last two up to ten at once
    "SQS": 1000 + 2 * 100,
    "Lambda requests": 10,
    "Lambda": 10 * 0.25,
    # two writes of 2 KB for each part of fifty
    "DynamoDB writes": 20 * 4,
    # a hundred events are one object of the second place of evidence
    "S3 writes": 10,
}
"""The same where `SendEvents` is `topic`."""


def event_fee(recipient_count: int, units: Mapping[str, float] = EVENT_UNITS) -> float:
    """Return what one event for each recipient costs. Units: US dollars."""
    return recipient_count / 1000 * priced(units)


def priced(units: Mapping[str, float]) -> float:
    """Return what these units cost. Units: US dollars."""
    return sum(number * PRICES[name] / 1_000_000 for name, number in units.items())


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

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "recipients": self.recipients,
            "duration": spelled(self.duration),
            "seconds": round(self.duration.total_seconds()),
            "beyond_quota": self.beyond_quota,
            "ses_usd": round(self.ses_fee, 2),
            "own_usd": round(self.own_fee, 2),
        }


def fees(recipient_count: int, per_second: float = GROWN) -> tuple[float, float]:
    """Return what so many recipients cost: SES, and everything beside it. Units: US dollars.

    Args:
        recipient_count: Whom the issue goes to.
        per_second: Recipients that the account may send to in a second: where they are few, workers wait.
    """
    own = priced(units_per_thousand(per_second))
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
    ses_fee, own_fee = fees(recipient_count, rate)
    return Forecast(
        recipients=recipient_count,
        duration=timedelta(seconds=days * DAY.total_seconds() + last / rate),
        beyond_quota=max(recipient_count - left, 0),
        ses_fee=ses_fee,
        own_fee=own_fee,
    )
