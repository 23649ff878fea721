"""From the moment of a slot to the first email, and to closed books: every function of the way, AWS on loopback.

Time is real. What would take the provider's rate longer than a bench may take is written, not waited for: of a send to
100,000 all batches but the last are through before it begins.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.paced_aws import DELIVERY, MOMENTS
from bench.waiting import wait_for
from bench.with_store import run
from local.process import ROOT, clean_environment, free_port

NOTE = (
    "handlers over HTTP: DynamoDB 4 ms, SQS and secrets 8, S3 20, SES 50, and 50 ms from a queue to its function;"
    " without CloudFront. Cold: the first event of each function waits for its import out of the built layer and its"
    " first answer, both scaled to its share of a processor. 100,000: all batches but the last are written as through."
)


def measure() -> dict[str, Any]:
    """Return `slot_to_first_s` and `slot_to_closed_s`."""
    with _paced_aws() as host:
        found = run("bench.slot_chain", host, share=1.0)
    warm, cold = found["warm"], found["cold"]
    return {
        "slot_to_first_s": {
            "warm": _median(warm, "first_s"),
            "cold": _median(cold, "first_s"),
            "starts": {name: round(seconds, 2) for name, seconds in found["starts"].items()},
            "delivery": DELIVERY,
            "note": NOTE,
        },
        "slot_to_closed_s": {
            "list_of_1000": _median(warm, "closed_s"),
            "list_of_1000_cold": _median(cold, "closed_s"),
            "close_of_1000": _median(warm, "closing_s"),
            "close_of_100000": round(found["closing_s"], 2),
        },
    }


def _median(runs: Sequence[Any], key: str) -> float:
    return round(float(median(each[key] for each in runs)), 2)


@contextmanager
def _paced_aws() -> Iterator[str]:
    port = free_port()
    with TemporaryDirectory() as folder:
        environment = clean_environment(Path(folder)) | {
            "GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": "eu-west-2", "AWS_DEFAULT_REGION": "eu-west-2", "LOG_LEVEL": "WARNING",
            "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0", "DOCKER_HOST": "unix:///nonexistent",
        }  # fmt: skip
        with subprocess.Popen(
            [sys.executable, "-m", "bench.paced_aws"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL,
            stderr=None if os.environ.get("BENCH_LOGS") else subprocess.DEVNULL,
        ) as process:  # fmt: skip
            try:
                wait_for(f"http://127.0.0.1:{port}{MOMENTS}")
                yield f"127.0.0.1:{port}"
            finally:
                process.terminate()
