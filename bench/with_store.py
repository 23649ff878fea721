"""What the worker does as it is deployed: its handler, its clients, and stores that take as long as AWS to answer.

The worker, and what it sends to, are processes of their own. It is measured with a whole processor and with the share
that its memory buys, beside the limit (`bench/limit.py`), of which each figure is a share.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from bench import processor_share
from bench.deployed import SUMMARY
from bench.function_memory import megabytes
from bench.waiting import wait_for
from local.process import ROOT, clean_environment, free_port
from tests.functions.conftest import POWERTOOLS, QUEUES, SETTINGS
from tests.moto_aws import CREDENTIALS

RECIPIENTS = 78_000
"""Five batches of each shard, eighty in all: eight invocations of ten, which begin and end together."""

FEWER = 31_000
"""Two batches of each shard, for a worker with a share of a processor."""

WHOLE_PROCESSOR = 1769
"""MB. Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""

LONGEST = 150.0
"""Seconds for one run."""

NO_LIMIT = 1_000_000


def measure() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the limit, and what the worker reaches with a whole processor and with less."""
    limit = measure_limit()
    memory = {
        "whole": WHOLE_PROCESSOR,
        "small_stack": megabytes("Send"),
        "large_stack": megabytes("Send", large=True),
    }
    found = {name: _worker(each) for name, each in memory.items()}
    for each in found.values():
        each["share_of_limit"] = round(each["recipients_per_s"] / limit["recipients_per_s"], 3)
    return limit, found


def measure_limit() -> dict[str, Any]:
    """Return what hand-written requests reach."""
    with loopback_aws(0) as host:
        said = run("bench.limit", host, str(RECIPIENTS), share=1.0)
    return _figures(said, RECIPIENTS)


def _worker(memory: int) -> dict[str, Any]:
    share = min(1.0, memory / WHOLE_PROCESSOR)
    recipients = FEWER if share < 1 else RECIPIENTS
    with loopback_aws(recipients) as host:
        said = run("bench.deployed", host, str(memory), share=share)
        books = httpx.get(f"http://{host}{SUMMARY}").json()
    # As many addresses as messages: nobody was mailed twice.
    assert books["sent"] == books["accepted"] == books["addresses"] == recipients, books
    calls = {
        "dynamodb": books["calls"]["DynamoDB"],
        "sesv2": books["calls"]["ses"],
        "sqs": books["calls"].get("AmazonSQS", 0),
    }
    return _figures(said, recipients - said["warm_up"]) | {
        "memory_mb": memory,
        "processors": round(share, 2),
        "calls_per_1000": {name: round(1000 * count / recipients, 1) for name, count in calls.items()},
        "refused_writes_per_1000": round(1000 * books["refused"] / recipients, 2),
        "gb_seconds_per_1000": round(said["billed_seconds"] * memory / 1024 / recipients * 1000, 2),
    }


def _figures(said: dict[str, Any], recipients: int) -> dict[str, Any]:
    return {
        "recipients": recipients,
        "recipients_per_s": round(recipients / said["seconds"]),
        "cpu_s_per_1000": round(1000 * said["cpu_seconds"] / recipients, 3),
        "peak_rss_mb": round(said["peak_rss_mb"]),
    }


def run(module: str, *arguments: str, share: float) -> Any:
    """Run a module in a process with a share of a processor, all clients of which ask the first argument.

    Returns: What it printed, as JSON.
    """
    host = arguments[0]
    urls = {f"{name.upper()}_QUEUE_URL": f"http://{host}/000000000000/{name}" for name in QUEUES}
    urls["FEEDBACK_DEAD_LETTERS_URL"] = f"http://{host}/000000000000/feedback-dead-letters"
    with TemporaryDirectory() as folder:
        environment = clean_environment(Path(folder)) | SETTINGS | POWERTOOLS | urls | CREDENTIALS
        environment |= {
            "AWS_ENDPOINT_URL": f"http://{host}",
            "POWERTOOLS_LOG_LEVEL": "WARNING",
            "BREAKER_SAMPLE": "500",
        }
        command = [sys.executable, "-m", module, *arguments]
        said = processor_share.run(command, share=share, timeout=LONGEST, environment=environment, folder=str(ROOT))
    return json.loads(said)


@contextmanager
def loopback_aws(recipients: int) -> Iterator[str]:
    """Run what answers in the place of AWS, and yield where it listens."""
    port = free_port()
    order = {"port": port, "recipients": recipients, "rate": NO_LIMIT}
    command = [sys.executable, "-m", "bench.loopback_aws", json.dumps(order)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}{SUMMARY}")
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()
