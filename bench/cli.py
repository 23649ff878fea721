"""How long the command line takes before it does anything: its help, and a listing up to the first call of AWS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

ROUNDS = 10
"""Each in a process of its own; the median forgives one that the machine was busy in."""

CALLED = "import sys; sys.argv = {words!r}; from newsletter_cli.start import start; start()"
UP_TO_AWS = "import os, socket; socket.socket.connect = lambda *_: os._exit(0); " + CALLED
"""Ends the process where the first connection would be made."""

NOWHERE = "http://127.0.0.1:9"
STACK = {
    "url": NOWHERE, "inbox_url": NOWHERE, "region": "eu-west-1", "aws_endpoint": NOWHERE, "ses_endpoint": NOWHERE,
    "content_bucket": "content", "site_bucket": "site", "tables": {}, "queues": {}, "functions": {"control": "control"},
}  # fmt: skip
"""As the laptop's stack says where it is; nothing is asked."""


def measure() -> dict[str, Any]:
    """Return `cli`: milliseconds of a processor for `newsletter --help`, and for `newsletter issues` up to AWS."""
    calls = {
        "help_ms": CALLED.format(words=["newsletter", "--help"]),
        "listing_ms": UP_TO_AWS.format(words=["newsletter", "issues"]),
    }
    with TemporaryDirectory() as folder:
        file = Path(folder) / ".local" / "stack.json"
        file.parent.mkdir()
        file.write_text(json.dumps(STACK))
        for snippet in calls.values():
            _milliseconds(snippet, folder)  # compiled once, as an installed package is
        rounds = [{name: _milliseconds(snippet, folder) for name, snippet in calls.items()} for _ in range(ROUNDS)]
    return {"cli": {name: round(median(each[name] for each in rounds)) for name in calls}}


def _milliseconds(snippet: str, folder: str) -> float:
    shell = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", snippet], check=True, stdout=subprocess.DEVNULL, cwd=folder, env=shell)
    after = getrusage(RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
