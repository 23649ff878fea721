"""The function `send` as it is deployed, in a process of its own: its handler, its clients, stores over HTTP.

`bench/with_store.py` starts it and reads what it found from its output. In the place of Lambda's poller it asks
`bench.loopback_aws` for ten messages, again and again.
"""

from __future__ import annotations

import gc
import json
import logging
import sys
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from bench.memory import peak_rss_mb

# Nothing else of ours is imported: what a benchmark needs would count as the worker's memory.

QUEUED, SUMMARY = "/bench/queued", "/bench/summary"
"""Paths of `bench.loopback_aws`: in the place of Lambda's poller, and of somebody who looks at the books afterwards."""


@dataclass(frozen=True)
class Context:
    """What Lambda tells a handler about its invocation."""

    memory_limit_in_mb: int
    function_name: str = "fortnightly-send"
    invoked_function_arn: str = "arn:aws:lambda:eu-west-2:123456789012:function:fortnightly-send"
    aws_request_id: str = "52fdfc07-2182-454f-963f-5f0f9a621d72"

    def get_remaining_time_in_millis(self) -> int:
        """Return the time that is left, which nobody asks for here."""
        return 150_000


def main(host: str, memory: int) -> None:
    """Send everything that is queued, and print what it took."""
    logging.disable(logging.INFO)  # a line for each batch, which nobody reads here
    from functions.send.handler import lambda_handler

    poller, context = HTTPConnection(host), Context(memory)
    # One batch alone, for which clients are made and modules loaded: a cold start is measured elsewhere.
    first, *others = _due(poller)["due"]
    _invoke(lambda_handler, [first], context)
    before = _summary(poller)["accepted"]
    gc.collect()
    began, cpu, invocations, billed = time.perf_counter(), time.process_time(), 0, 0.0
    while True:
        if not others:
            queued = _due(poller)
            others = queued["due"]
            if not others and not queued["left"]:
                break
        if not others:
            time.sleep(0.02)
            continue
        started = time.perf_counter()
        _invoke(lambda_handler, others, context)
        billed += time.perf_counter() - started
        invocations, others = invocations + 1, []
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    found = {"seconds": seconds, "cpu_seconds": cpu, "invocations": invocations, "billed_seconds": billed}
    print(json.dumps(found | {"warm_up": before, "peak_rss_mb": peak_rss_mb()}))


def _invoke(handler: Any, bodies: list[str], context: Any) -> None:
    event = {"Records": [{"messageId": str(place), "body": body} for place, body in enumerate(bodies)]}
    answer = handler(event, context)
    assert answer == {"batchItemFailures": []}, answer


def _summary(poller: HTTPConnection) -> Any:
    poller.request("GET", SUMMARY)
    return json.loads(poller.getresponse().read())


def _due(poller: HTTPConnection) -> Any:
    poller.request("GET", QUEUED)
    return json.loads(poller.getresponse().read())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
