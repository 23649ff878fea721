"""The receipt of a send: what it used of AWS and what that costs, beside what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from newsletter.sending.domain.forecast import PRICES, fees, units_per_thousand
from newsletter.sending.domain.usage import (
    COMPUTE,
    EVENTS,
    MESSAGES,
    OBJECT_READS,
    OBJECT_WRITES,
    READS,
    REQUESTS,
    SECRETS,
    STREAM,
    WRITES,
    Usage,
)

BILLED_IN = {
    WRITES: "write units", READS: "read units", EVENTS: "events", MESSAGES: "requests", STREAM: "events",
    REQUESTS: "requests", COMPUTE: "GB-seconds", OBJECT_READS: "requests", OBJECT_WRITES: "requests",
    SECRETS: "requests",
}  # fmt: skip


SERVICES = {
    "sesv2": "SES", "dynamodb": "DynamoDB", "sqs": "SQS", "s3": "S3", "secrets-manager": "Secrets Manager",
}  # fmt: skip
"""What people call what boto3 calls otherwise."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a receipt."""

    what: str
    units: float
    billed_in: str
    usd: float
    expected_usd: float
    """What the table of the forecast says for so many mails."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a send cost. A bill is lower: free allowances are not taken off."""

    lines: tuple[Line, ...]
    calls: Mapping[str, Mapping[str, int]]
    """By service and operation."""
    functions: Mapping[str, float]
    """What each function used, in US dollars."""
    total_usd: float
    expected_usd: float
    """By the forecast's table, for as many mails as were sent."""
    guessed_calls: int
    """Calls of which DynamoDB did not say what they used."""

    @classmethod
    def of(cls, mails: int, used_by_function: Mapping[str, Usage]) -> Receipt:
        """Write the receipt of a send.

        Args:
            mails: That SES accepted and mailed.
            used_by_function: What each function used for it.
        """
        together = sum(used_by_function.values(), Usage())
        ses_fee, own_fee = fees(mails)
        lines = [Line("SES", mails, "mails", ses_fee, ses_fee)]
        for name, per_thousand in units_per_thousand().items():
            units, price = together.units.get(name, 0), PRICES[name] / 1_000_000
            lines.append(
                Line(name, round(units, 3), BILLED_IN[name], units * price, mails / 1000 * per_thousand * price)
            )
        return cls(
            lines=tuple(lines),
            calls=_by_service(together.calls),
            functions={name: usage.cost for name, usage in sorted(used_by_function.items())},
            total_usd=sum(line.usd for line in lines),
            expected_usd=ses_fee + own_fee,
            guessed_calls=round(together.guessed),
        )

    def as_json(self) -> dict[str, object]:
        """Return it as JSON has it."""
        return asdict(self) | {"lines": [asdict(line) for line in self.lines]}


def _by_service(calls: Mapping[str, float]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for name, number in sorted(calls.items()):
        service, _, operation = name.partition(" ")
        found.setdefault(SERVICES.get(service, service), {})[operation] = round(number)
    return found
