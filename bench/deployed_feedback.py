"""The function `feedback` as it is deployed, in a process of its own: its handler, its clients, stores over HTTP.

`bench/feeding.py` starts it and reads what it found from its output. In the place of Lambda's poller it takes the
reports of a send in their order, as many at a time as the template says.
"""

from __future__ import annotations

import cProfile
import gc
import json
import logging
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.deployed import Context
from bench.memory import peak_rss_mb

OPERATIONS = "/bench/operations"
"""Path of `bench.loopback_aws`: how often which operation was asked for."""

TOP = 10
"""Functions that the profile names."""


def main(mails: int, at_a_time: int, memory: int, *, profiled: bool) -> None:
    """Record everything that SES reports of a send, and print what it took."""
    logging.disable(logging.INFO)
    from bench.ses_stream import bodies, report_names, sqs_records
    from functions.feedback.handler import lambda_handler
    from newsletter.wiring import app

    addresses = app().addresses
    names = list(report_names(mails))
    profile = cProfile.Profile(time.process_time)  # of the processor: who waits for an answer takes none
    seconds = cpu = 0.0
    invocations = -1  # the first, for which clients are made and modules loaded, is measured elsewhere
    context: Any = Context(memory, function_name="fortnightly-feedback")
    for first in range(0, len(names), at_a_time):
        texts = bodies(
            names[first : first + at_a_time],
            lambda email: addresses.subscriber_id(addresses.mailbox(email)),
            datetime.now(UTC),
        )
        event = sqs_records(texts)
        if not first:
            gc.collect()
        began, used = time.perf_counter(), time.process_time()
        if profiled and first:
            profile.enable()
        answer = lambda_handler(event, context)
        profile.disable()
        invocations += 1
        if first:
            seconds, cpu = seconds + time.perf_counter() - began, cpu + time.process_time() - used
        assert answer == {"batchItemFailures": []}, answer
    print(
        json.dumps(
            {
                "events": len(names) - at_a_time,
                "all_events": len(names),
                "invocations": invocations,
                "seconds": seconds,
                "cpu_seconds": cpu,
                "peak_rss_mb": peak_rss_mb(),
                "profile": _top(profile) if profiled else {},
            }
        )
    )


def _top(profile: cProfile.Profile) -> dict[str, float]:
    """Return the functions that took most themselves, with their share of all."""
    profile.create_stats()
    entries: Any = profile.stats
    own = {where: numbers[2] for where, numbers in entries.items()}
    whole = sum(own.values())
    most = sorted(own, key=lambda where: own[where], reverse=True)[:TOP]
    return {f"{'/'.join(Path(file).parts[-2:])} {name}": round(own[file, line, name] / whole, 3)
            for file, line, name in most}  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), profiled=sys.argv[5:] == ["profile"])
