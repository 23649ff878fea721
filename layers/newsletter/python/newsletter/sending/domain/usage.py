"""What the invocations of one function used of AWS while they worked for one send."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

WRITES = "DynamoDB writes"
READS = "DynamoDB reads"
EVENTS = "SNS"
MESSAGES = "SQS"
STREAM = "Firehose"
"""Units: events of up to 5 KB; a longer one is several."""
REQUESTS = "Lambda requests"
COMPUTE = "Lambda"
"""Units: GB-seconds."""
OBJECT_READS = "S3 reads"
OBJECT_WRITES = "S3 writes"
SECRETS = "Secrets Manager"
UNITS = (WRITES, READS, EVENTS, MESSAGES, STREAM, REQUESTS, COMPUTE, OBJECT_READS, OBJECT_WRITES, SECRETS)
"""What is billed, by the names that the table of prices has for it."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls that were made, and units that are billed for them."""

    calls: Mapping[str, float] = field(default_factory=dict)
    """By service and operation, such as `dynamodb PutItem`. A part of a call, where it worked for several sends."""
    units: Mapping[str, float] = field(default_factory=dict)
    """By the names in UNITS."""
    guessed: float = 0
    """Calls of which DynamoDB did not say what they used; each counts as one unit for each item."""

    def __add__(self, other: Usage) -> Usage:
        """Return both together."""
        return Usage(_sum(self.calls, other.calls), _sum(self.units, other.units), self.guessed + other.guessed)

    def part(self, share: float) -> Usage:
        """Return this share of it."""
        return Usage(
            {name: number * share for name, number in self.calls.items()},
            {name: number * share for name, number in self.units.items()},
            self.guessed * share,
        )

    @property
    def cost(self) -> float:
        """What it costs by the table of prices. Units: US dollars."""
        from newsletter.sending.domain.forecast import PRICES  # not above: every function counts, and few ask for this

        return sum(number * PRICES[name] / 1_000_000 for name, number in self.units.items())


def invocation(record_count: int, *, gb_seconds: float) -> Usage:
    """Return what an invocation uses that makes no call of its own.

    Lambda's pollers receive and delete messages, ten at most in one call.
    """
    calls = -(-record_count // MESSAGES_IN_A_CALL)
    units = {REQUESTS: 1, COMPUTE: gb_seconds, MESSAGES: 2 * calls}
    return Usage({"sqs ReceiveMessage": calls, "sqs DeleteMessageBatch": calls}, units)


def reported(*, notification_count: int, file_count: int, stream_units: int) -> Mapping[str, float]:
    """Return what it takes that SES's reports reach the feedback queue.

    SNS hands each report to the queue: an event of SNS and a request to SQS. Firehose takes what it is given by the
    5 KB, and writes files; EventBridge hands their names to the queue.
    """
    return {
        EVENTS: notification_count,
        MESSAGES: notification_count + file_count,
        STREAM: stream_units,
        OBJECT_WRITES: file_count,
    }


MESSAGES_IN_A_CALL = 10


def _sum(some: Mapping[str, float], others: Mapping[str, float]) -> dict[str, float]:
    total = Counter(some)
    total.update(others)
    return dict(total)
