"""What a hundred thousand events of SES take to be recorded; the stores are in memory, their writes are counted."""

from __future__ import annotations

from time import perf_counter, process_time
from typing import Any

from tests.feedback.test_record_feedback import House, received, stream


def measure() -> dict[str, Any]:
    """Return `feedback`."""
    events, house = stream(), House()
    began, cpu = perf_counter(), process_time()
    received(events, house)
    seconds, cpu = perf_counter() - began, process_time() - cpu
    thousands = len(events) / 1000
    return {
        "feedback": {
            "events": len(events),
            "events_per_s": round(len(events) / seconds),
            "cpu_s_per_1000": round(cpu / thousands, 4),
            "writes_per_1000": round(house.evidence.writes / thousands, 1),
            "note": "the job over stores in memory; reading the notifications is not part of it",
        }
    }
