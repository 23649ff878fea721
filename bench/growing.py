"""How planning and sending grow with the list, to a million readers; the stores are in memory, their calls counted.

What is counted does not hang on the machine; the seconds are those of one process without any waiting for AWS.
"""

from __future__ import annotations

from collections import Counter
from time import process_time
from typing import Any

from newsletter.sending.domain.books import tally
from tests.factories import SLUG
from tests.simulation.multitude import CountedQueues, Multitude, mail, opened, plan

SIZES = (1_000, 10_000, 100_000, 1_000_000)


def measure() -> dict[str, Any]:
    """Return `growth`, by size of the list, and `fan_out_million`, its last planning."""
    growth = {str(size): _of(size) for size in SIZES}
    largest = growth[str(SIZES[-1])]
    return {"growth": growth, "fan_out_million": largest["planning"]}


def _of(size: int) -> dict[str, Any]:
    calls: Counter[str] = Counter()
    people, sends, queues = Multitude(size, calls), opened(calls), CountedQueues(calls)
    began = process_time()
    runs, most = plan(sends, people, queues)
    planned = process_time()
    planning = Counter(calls)
    calls.clear()
    transport, _ = mail(sends, people, queues)
    mailed = process_time()
    books = tally(sends.batches(SLUG))
    assert books.balanced
    assert books.sent == size == sum(transport.accepted)
    return {
        "planning": {
            "cpu_s": round(planned - began, 2),
            "calls_per_1000": round(1000 * sum(planning.values()) / size, 2),
            "runs": runs,
            "most_mb": round(most / 1e6, 1),
        },
        "sending": {
            "cpu_s": round(mailed - planned, 2),
            "calls_per_1000": round(1000 * sum(calls.values()) / size, 2),
        },
    }
