"""The function `feedback` as it is deployed, in a process of its own: its handler, its clients, stores over HTTP.

`bench/feeding.py` starts it and reads what it found from its output. In the place of Firehose and of Lambda's poller it
takes the reports of a send in their order: what comes for every recipient in a file, what goes wrong beside it, one by
one. With `topic` all come one by one, as many at a time as the template says.
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

import boto3

from bench.deployed import Context
from bench.memory import peak_rss_mb

OPERATIONS = "/bench/operations"
"""Path of `bench.loopback_aws`: how often which operation was asked for."""

TOP = 10
"""Functions that the profile names."""


def main(mails: int, at_a_time: int, memory: int, *, by_topic: bool, profiled: bool) -> None:
    """Record everything that SES reports of a send, and print what it took."""
    logging.disable(logging.INFO)
    from bench.ses_stream import OF_A_FILE, STREAMED, bodies, event_file, report_names, sqs_records
    from functions.feedback.handler import lambda_handler
    from newsletter.wiring import app

    at_a_time = at_a_time if by_topic else OF_A_FILE
    addresses, bucket = app().addresses, boto3.client("s3")
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
        if not by_topic:
            of_all = [text for text, (_, name) in zip(texts, names[first:], strict=False) if name in STREAMED]
            key = f"ses-events/2026/12/01/09/{first}.gz"
            bucket.put_object(Bucket=app().settings.content_bucket, Key=key, Body=event_file(of_all))
            others = [text for text, (_, name) in zip(texts, names[first:], strict=False) if name not in STREAMED]
            texts = [json.dumps({"arrived": key}), *others]
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
    main(
        int(sys.argv[2]),
        int(sys.argv[3]),
        int(sys.argv[4]),
        by_topic="topic" in sys.argv,
        profiled="profile" in sys.argv,
    )
