"""How near a send comes to SES's rate on an account that takes thousands a second: a fleet in virtual time.

Everything is of the simulation (`tests/simulation/large_account.py`), so this takes a processor and little time: the
real jobs and adapters, with what DynamoDB gives a partition key, and a provider that answers after 50 to 450 ms.
"""

from __future__ import annotations

from typing import Any

from tests.simulation.large_account import Fleet

SECONDS = {5_000: 56, 10_000: 44, 50_000: 20}
"""Of sending, by recipients a second. The first dozen fill the pipe: a batch of a thousand takes six to leave."""

OF_A_WORKER, SPARE = 1_000, 2
"""Recipients a second; workers beside. With these an operator is told what `SendConcurrency` to set."""


def measure() -> dict[str, Any]:
    """Return `rate` of large accounts, by recipients per second."""
    return {str(rate): _rate(rate, seconds) for rate, seconds in SECONDS.items()}


def workers(rate: float) -> int:
    """Return how many workers an account of this rate needs."""
    return -(-int(rate) // OF_A_WORKER) + SPARE


def _rate(rate: int, seconds: int) -> dict[str, Any]:
    fleet = Fleet(rate, workers(rate), rate * seconds).run(seconds)
    accepted = fleet.accepted.total()
    return {
        "sustained_share": round(fleet.used(seconds // 4, seconds * 3 // 4), 3),
        "throttled_share": round(fleet.throttled / (fleet.throttled + accepted), 4),
        "recipients": accepted,
        "seconds": seconds,
        "workers": fleet.workers,
        "partitions": len(fleet.sends.partitions(fleet.slug)),
        "write_units_of_a_partition_per_s": round(max(fleet.written_per_second.values())),
        "writes_throttled": fleet.dynamo.throttled.total(),
        "refused_writes_per_1000": round(1000 * fleet.dynamo.refused / accepted, 2),
    }
