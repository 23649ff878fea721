"""How long each function takes to load: from this checkout, and out of the layer that is deployed.

Out of the layer as in AWS: its bytecode and its botocore, by Python 3.13, in a folder that nothing is written to. It is
counted in milliseconds of a processor, which a busy machine does not change much, and given as this machine needs them
with a whole one; a function with less memory than 1,769 MB has only that share of one, so the same figure stands there
once more, divided by the share.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from bench.function_memory import megabytes
from bench.layer import built_layer
from local.built_layer import python313
from local.package import read_template
from local.process import ROOT

ROUNDS = 3
"""Each in a process of its own; the median forgives one that the machine was busy in."""

BARE = "import boto3; boto3.client('dynamodb', region_name='eu-west-1')"
CLIENT = "from botocore.session import get_session; get_session().create_client('dynamodb', region_name='eu-west-1')"
WHOLE = "import functions.{name}.handler"

WHOLE_PROCESSOR = 1769
"""MB. Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""

RESULTS = Path(__file__).parent / "results" / "latest.json"


def measure() -> dict[str, Any]:
    """Return `cold_import`, and `cold_built` for the layer; where nothing can build that, what was found before."""
    names = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))
    snippets = {"": BARE} | {name: WHOLE.format(name=name) for name in names}
    for snippet in snippets.values():
        _milliseconds(snippet)  # compiled once, as in a deployed package
    taken = _medians(snippets, [])
    bare = taken.pop("")
    found: dict[str, Any] = {
        name: {"ms": round(ms), "ratio_to_boto3_client": round(ms / bare, 2)} for name, ms in taken.items()
    }
    return {"cold_import": found, "boto3_client_ms": round(bare)} | measure_built(names)


def measure_built(names: list[str]) -> dict[str, Any]:
    """Return `cold_built`, by function."""
    if not (python := python313()):
        sys.stderr.write("No Python 3.13 on this machine: cold_built stays as it was measured last.\n")
        return {key: each for key, each in json.loads(RESULTS.read_text()).items() if key.startswith("cold_built")}
    memory = _memory()
    start = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {built_layer()!r}]"
    calls = {"": CLIENT} | {name: WHOLE.format(name=name) for name in names}
    taken = _medians(calls, [python, "-I", "-S", "-B"], start)
    bare = taken.pop("")
    found = {
        name: {
            "ms": round(ms),
            "ms_scaled": round(ms * max(1, WHOLE_PROCESSOR / memory[name])),
            "ratio_to_botocore_client": round(ms / bare, 2),
        }
        for name, ms in taken.items()
    }
    return {"cold_built": found, "cold_built_client_ms": round(bare)}


def _memory() -> dict[str, int]:
    """Return how many MB each function has, by the name of its folder."""
    template = read_template(ROOT / "template.yaml")
    functions = {
        name: each["Properties"]["CodeUri"]
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::Serverless::Function"
    }
    return {Path(folder).name: megabytes(name) for name, folder in functions.items()}


def _medians(snippets: dict[str, str], python: list[str], start: str = "") -> dict[str, float]:
    # All take turns: a machine that slows down in the middle slows them all down.
    rounds = [
        {name: _milliseconds(snippet, python, start) for name, snippet in snippets.items()} for _ in range(ROUNDS)
    ]
    return {name: median(each[name] for each in rounds) for name in snippets}


def _milliseconds(snippet: str, python: list[str] | None = None, start: str = "") -> float:
    clock = "process_time" if start else "perf_counter"
    timed = f"{start}\nfrom time import {clock}\nbegan = {clock}()\n{snippet}\nprint({clock}() - began)"
    command = [*(python or [sys.executable]), "-c", timed]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return 1000 * float(done.stdout)
