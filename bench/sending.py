"""What a send takes and how near it comes to SES's rate: a worker and what it sends to, each in its own process.

How near it comes to the rate is measured with the SES simulator, which holds it to one. What it takes is measured with
a provider that only waits and says yes: the simulator renders every message, and is slower at that than the worker.
The stores are in memory: their calls are counted, and take no time. `bench/with_store.py` has stores that take some.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

import httpx

from bench import large, with_store
from bench.provider import STATS
from bench.waiting import wait_for
from bench.worker import AWS_CALLS, Found, Order
from local.process import ROOT, free_port
from newsletter.sending.domain.forecast import SES_PER_THOUSAND, UNLIMITED, batch_units, priced, units_per_thousand

LATENCY_MS = 50
RATES = {14: 40, 200: 24, 1000: 20}
"""Recipients per second, and seconds of sending: the middle half must hold enough calls to make up a share."""

ENVIRONMENTS = 2
"""Invocations side by side in the rate runs: twenty batches under way, enough for the highest rate."""

NO_LIMIT = 1_000_000
BULK, SIMULATED, SINGLE = with_store.RECIPIENTS, 20_000, 2_500
"""Recipients in the runs without a limit: the same list with and without stores that take their time, so that the calls
of planning and of handing over belong together; and some seconds of the others."""

NOTE = (
    "the provider answers each call 50 ms after it is there and does nothing else, unlike the simulator; calls of"
    " planning and handing over, without feedback and settle; the dollars are everything but SES"
)


def measure() -> dict[str, Any]:
    """Return `rate`, by recipients per second, `send`, bulk and single, and `limit`."""
    limit, deployed = with_store.measure()
    simulated = {"against_simulator_per_s": _against_simulator()}
    return {
        "limit": limit,
        "rate": _rates(),
        "send": {
            "bulk": _throughput(BULK, single=False) | simulated | {"with_store": deployed},
            "single": _throughput(SINGLE, single=True),
        },
    }


def _against_simulator() -> int:
    """Return recipients per second against the simulator: it makes and keeps every mail, on the other processor."""
    with _simulator(NO_LIMIT) as endpoint:
        found = _worker(Order(endpoint, SIMULATED, NO_LIMIT, 1, single=False))
    assert found.sent == SIMULATED, found
    return round(found.sent / found.seconds)


def _rates() -> dict[str, Any]:
    """Return the figures of all rates; those that mostly wait run beside large accounts, whose clock is virtual.

    The highest one runs by itself: beside others it would find too little of the processors on a machine with two.
    """
    *slow, highest = RATES.items()
    with ThreadPoolExecutor(len(slow)) as beside:
        waiting = {str(rate): beside.submit(_rate, rate, seconds) for rate, seconds in slow}
        of_large = large.measure()
        found = {rate: each.result() for rate, each in waiting.items()}
    return found | {str(highest[0]): _rate(*highest)} | of_large


def _rate(rate: int, seconds: int) -> dict[str, Any]:
    with _simulator(rate) as endpoint:
        found = _worker(Order(endpoint, rate * seconds, rate, ENVIRONMENTS, single=False))
        stats = httpx.get(f"{endpoint}/_simulator/stats").json()
    assert found.sent == stats["accepted"] == rate * seconds, (found.sent, stats["accepted"])
    return {
        "sustained_share": round(_middle(stats["recipients_per_second"]) / rate, 3),
        "throttled_share": round(stats["throttled"] / (stats["throttled"] + stats["accepted"]), 4),
        "recipients": found.sent,
        "seconds": round(found.seconds, 1),
    }


def _middle(by_second: list[dict[str, Any]]) -> float:
    """Return the recipients per second over the middle half; a second without any is not in the list, and counts."""
    at = {datetime.fromisoformat(each["second"]).timestamp(): each["recipients"] for each in by_second}
    first, last = int(min(at)), int(max(at))
    quarter = (last - first + 1) // 4
    seconds = range(first + quarter, last + 1 - quarter)
    return float(sum(at.get(second, 0) for second in seconds) / len(seconds))


def _throughput(recipients: int, *, single: bool) -> dict[str, Any]:
    with _provider() as endpoint:
        found = _worker(Order(endpoint, recipients, NO_LIMIT, 1, single))
        stats = httpx.get(f"{endpoint}{STATS}").json()
    # As many addresses as messages: nobody was mailed twice.
    assert found.sent == stats["accepted"] == stats["addresses"] == recipients, (found.sent, stats)
    handing_over = _calls(found.port_calls) + Counter(sesv2=found.ses_calls)
    planning = _calls(found.planning)
    calls = handing_over + planning
    return {
        "recipients": recipients,
        "provider_latency_ms": LATENCY_MS,
        "recipients_per_s": round(recipients / found.seconds),
        "cpu_s_per_1000": round(1000 * found.cpu_seconds / recipients, 3),
        "peak_rss_mb": round(found.peak_rss_mb),
        "calls_per_1000": _per_thousand(calls, recipients),
        "calls_per_1000_planning": _per_thousand(planning, recipients),
        "usd_per_million": round(_usd_per_million(found), 2),
        "ses_usd_per_million": round(1000 * SES_PER_THOUSAND, 2),
        "note": NOTE,
    }


def _calls(port_calls: dict[str, int]) -> Counter[str]:
    """Return the calls of AWS that these port calls are, by service."""
    calls: Counter[str] = Counter(dynamodb=0, sqs=0, sesv2=0)
    for name, count in port_calls.items():
        if name in AWS_CALLS:
            calls[AWS_CALLS[name]] += count
    return calls


def _per_thousand(calls: Counter[str], recipients: int) -> dict[str, float]:
    return {service: round(1000 * calls[service] / recipients, 1) for service in ("dynamodb", "sesv2", "sqs")}


def _usd_per_million(found: Found) -> float:
    """Price what was counted here, and what the forecast allows for everything that a worker does not do itself."""
    calls, thousands = found.port_calls, found.sent / 1000
    # Planned, claimed and done, each batch is written as a whole; a booking of the rate is one small write.
    written = sum(3 * batch_units(size) for size in found.batches) + calls["rate.reserve"]
    # Each reader is one consistent read, whatever the call; so is the header. A batch is read in pieces of 4 KB, once
    # by its worker and once by settle.
    read = found.sent + calls["sends.get"] + sum(2 * math.ceil(batch_units(size) / 4) for size in found.batches)
    units = dict(units_per_thousand(UNLIMITED))
    # Evidence: each part of fifty once, and another time where its events are in two files; and bounces.
    units["DynamoDB writes"] = written / thousands + 22 + 10
    units["DynamoDB reads"] = read / thousands
    return 1000 * priced(units)


def _worker(order: Order) -> Found:
    command = [sys.executable, "-m", "bench.worker", json.dumps(asdict(order))]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=150, cwd=ROOT)  # noqa: S603 - ours
    return Found(**json.loads(done.stdout))


@contextmanager
def _simulator(rate: float) -> Iterator[str]:
    """Run the simulator, so slow as the provider that others are measured at, and yield where it listens."""
    port = free_port()
    limits = ["--max-send-rate", str(rate), "--max-24-hour-send", "-1"]
    with _running("local.simulator", "--port", str(port), *limits):
        endpoint = f"http://127.0.0.1:{port}"
        wait_for(f"{endpoint}/_simulator/health")
        httpx.put(f"{endpoint}/_simulator/faults", json={"latency_ms": LATENCY_MS}).raise_for_status()
        yield endpoint


@contextmanager
def _provider() -> Iterator[str]:
    """Run the provider that only waits, and yield where it listens."""
    port = free_port()
    with _running("bench.provider", str(port), str(LATENCY_MS)):
        endpoint = f"http://127.0.0.1:{port}"
        wait_for(f"{endpoint}{STATS}")
        yield endpoint


@contextmanager
def _running(module: str, *arguments: str) -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT) as process:  # noqa: S603 - ours
        try:
            yield
        finally:
            process.terminate()
