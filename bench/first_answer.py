"""A page's function from its start: loading, the first answer, and those after it, out of the layer that is deployed.

Each start is a process of its own with Lambda's Python, AWS another one that answers after a few milliseconds. What a
function takes is counted in milliseconds of a whole processor; a function of 512 MB has 0.29 of one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench.aws_stub import aws_stub
from bench.layer import built_layer
from local.built_layer import python313
from local.process import NO_ACCOUNT, ROOT
from newsletter.core.link_token import Purpose, sign
from newsletter.readers.adapters.dynamo_subscribers import DynamoSubscribers
from tests.factories import an_id, subscriber
from tests.functions.conftest import KEYS, POWERTOOLS, QUEUES, SETTINGS, load

ROUNDS = 5
"""Starts of each function."""

WARM = 120
"""Answers after the first: of all starts together six are a hundredth."""

SHARE = 512 / 1769
"""Of a processor that 512 MB buy. Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""

EVENTS = {
    "subscribe": ("subscribe/form", None),
    "unsubscribe": ("unsubscribe/one_click_urlencoded", Purpose.UNSUBSCRIBE),
    "confirm": ("confirm/get", Purpose.CONFIRM),
    "preferences": ("preferences/get", Purpose.PREFERENCES),
}
"""What each is asked."""

RESULTS = Path(__file__).parent / "results" / "latest.json"

START = """
import sys
sys.path[:0] = {paths!r}
from time import perf_counter, process_time
began = process_time()
from functions.{name}.handler import lambda_handler
loaded = process_time()
class Context:
    function_name, memory_limit_in_mb, aws_request_id, invoked_function_arn = "page", 512, "1", "arn:aws:lambda:page"
import json
event = json.loads(sys.argv[1])
given = process_time()
assert lambda_handler(event, Context())["statusCode"] < 400
first = process_time()
answers = []
for _ in range({warm}):
    asked, clock = process_time(), perf_counter()
    lambda_handler(event, Context())
    answers.append((process_time() - asked, perf_counter() - clock))
print(json.dumps([loaded - began, first - given, answers]))
"""


def measure() -> dict[str, Any]:
    """Return `first_answer`, by function; where nothing can build the layer, what was found before."""
    if not (python := python313()):
        sys.stderr.write("No Python 3.13 on this machine: first_answer stays as it was measured last.\n")
        return {key: each for key, each in json.loads(RESULTS.read_text()).items() if key == "first_answer"}
    item = DynamoSubscribers(None, "SubscribersTable").put(subscriber(1))["Item"]  # type: ignore[arg-type]
    secrets = {"address-key": "key of the addresses", "signing-keys": json.dumps({"current": KEYS.current})}
    with aws_stub(secrets, {"SubscribersTable": item}) as url:
        paths = [str(ROOT), built_layer()]
        starts = [{name: _started(python, paths, name, url) for name in EVENTS} for _ in range(ROUNDS)]
    return {"first_answer": {name: _summary([each[name] for each in starts]) for name in EVENTS}}


def _started(python: str, paths: list[str], name: str, url: str) -> Any:
    file, purpose = EVENTS[name]
    token = sign(purpose, an_id(1), KEYS, now=datetime.now(UTC)) if purpose else ""
    event = json.dumps(load(file)).replace("TOKEN", token)
    code = START.format(paths=paths, name=name, warm=WARM)
    command = [python, "-I", "-S", "-B", "-c", code, event]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env=_environment(url))
    return json.loads(done.stdout.splitlines()[-1])  # before it stands what the function logs


def _environment(url: str) -> Mapping[str, str]:
    queues = {f"{name.upper()}_QUEUE_URL": f"{url}/queue/{name}" for name in QUEUES}
    account = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "eu-west-2"}
    unlimited = {"SIGN_UPS_PER_NETWORK": "1000000", "CONFIRMATIONS_PER_HOUR": "1000000"}
    place = {"AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "eu-west-2", "PATH": os.environ["PATH"]}
    return {**SETTINGS, **POWERTOOLS, **NO_ACCOUNT, **queues, **account, **unlimited, **place}


def _summary(starts: list[Any]) -> dict[str, Any]:
    loading, first = median(each[0] for each in starts), median(each[1] for each in starts)
    answers = [answer for each in starts for answer in each[2]]
    percents = quantiles((clock for _, clock in answers), n=100)
    return {
        "load_ms": round(1000 * loading),
        "load_scaled_ms": round(1000 * loading / SHARE),
        "first_ms": round(1000 * first),
        "first_scaled_ms": round(1000 * first / SHARE),
        "cpu_ms": round(1000 * median(cpu for cpu, _ in answers), 2),
        "p50_ms": round(1000 * percents[49], 1),
        "p99_ms": round(1000 * percents[98], 1),
    }
