"""How long each function takes to load, against what nobody gets around: boto3 and one client of it."""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from typing import Any

from local.process import ROOT

ROUNDS = 7
"""Each in a process of its own; the median forgives one that the machine was busy in."""

BARE = "import boto3; boto3.client('dynamodb', region_name='eu-west-1')"
WHOLE = "import functions.{name}.handler"


def measure() -> dict[str, Any]:
    """Return `cold_import`, by function: milliseconds, and their ratio to boto3 with a client."""
    names = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))
    snippets = {"": BARE} | {name: WHOLE.format(name=name) for name in names}
    for snippet in snippets.values():
        _milliseconds(snippet)  # compiled once, as in a deployed package
    # All take turns: a machine that slows down in the middle slows them all down.
    rounds = [{name: _milliseconds(snippet) for name, snippet in snippets.items()} for _ in range(ROUNDS)]
    taken = {name: median(each[name] for each in rounds) for name in snippets}
    bare = taken.pop("")
    found: dict[str, Any] = {
        name: {"ms": round(ms), "ratio_to_boto3_client": round(ms / bare, 2)} for name, ms in taken.items()
    }
    return {"cold_import": found, "boto3_client_ms": round(bare)}


def _milliseconds(snippet: str) -> float:
    timed = f"from time import perf_counter\nbegan = perf_counter()\n{snippet}\nprint(perf_counter() - began)"
    done = subprocess.run([sys.executable, "-c", timed], check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S603
    return 1000 * float(done.stdout)
