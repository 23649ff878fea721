"""What the reports of SES take to be recorded: by the job alone, and by the function as it is deployed.

`with_store` is the handler of `feedback` with recorded notifications, its own clients, and stores that take as long as
AWS to answer. A core is busy for `cpu_s_per_1000`, and waits for the rest.
"""

from __future__ import annotations

from time import perf_counter, process_time
from typing import Any

import httpx

from bench.deployed_feedback import OPERATIONS
from bench.function_memory import megabytes
from bench.with_store import loopback_aws, run
from local.package import read_template
from local.process import ROOT
from tests.feedback.test_record_feedback import House, received, stream

MAILS = 12_000
"""A minute of a send at 200 a second: about 24,000 reports."""

WRITES = ("UpdateItem", "PutItem", "DeleteItem", "TransactWriteItems")


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
            "with_store": measure_with_store(),
        }
    }


def measure_with_store(*way: str) -> dict[str, Any]:
    """Return what the function takes with its clients and stores, by files of a stream or all one by one (`topic`)."""
    found, operations = _recorded(*way)
    profiled, _ = _recorded(*way, "profile")
    events, everything = found["events"], found["all_events"]
    return {
        "events": events,
        "at_a_time": at_a_time(),
        "events_per_core_s": round(events / found["cpu_seconds"]),
        "events_per_s": round(events / found["seconds"]),
        "cpu_s_per_1000": round(1000 * found["cpu_seconds"] / events, 4),
        "writes_per_1000": round(1000 * sum(operations.get(each, 0) for each in WRITES) / everything, 1),
        "calls_per_1000": {name: round(1000 * count / everything, 1) for name, count in sorted(operations.items())},
        "peak_rss_mb": round(found["peak_rss_mb"]),
        "profile": profiled["profile"],
        "note": "reports of 12,000 mails in the order of a send, Send and Delivery in files; one in a hundred bounces",
    }


def at_a_time() -> int:
    """Return how many reports the template hands over at a time."""
    template: Any = read_template(ROOT / "template.yaml")
    return int(template["Resources"]["FeedbackNotifications"]["Properties"]["BatchSize"])


def _recorded(*how: str) -> tuple[Any, Any]:
    with loopback_aws(0) as host:
        arguments = (str(MAILS), str(at_a_time()), str(megabytes("Feedback")), *how)
        said = run("bench.deployed_feedback", host, *arguments, share=1.0)
        return said, httpx.get(f"http://{host}{OPERATIONS}").json()
