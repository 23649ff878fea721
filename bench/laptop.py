"""The laptop's stack: the first look at the product, a page of a function that is warm, and a list that is taken over.

The emulator is most of all three. The list is a tenth of the one that `bench/importing.py` takes over in memory; all of
it would take minutes, and each row takes as long as the one before.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import httpx

from bench.importing import ROWS, write_list
from local.process import NO_TLS, ROOT
from local.stack import running

IMPORTED = ROWS // 10
PAGES, WARM = 20, 3
"""Answers that count, and those before them, which start the function."""


def measure() -> dict[str, Any]:
    """Return `laptop`, and of `import` what a laptop's stack took."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        demo = _demo(folder / "demo")
        file = write_list(folder, IMPORTED)
        with running(folder / ".local", {"Webhooks": "off"}) as (_, where):  # as a stack is that nobody told otherwise
            page = _page(f"{where['url']}/unsubscribe")
            seconds = _imported(file, folder)
    imported = {
        "rows": IMPORTED,
        "seconds_for_100000": round(seconds * ROWS / IMPORTED, 1),
        "rows_per_s": round(IMPORTED / seconds),
        "measured_on": datetime.now(UTC).date().isoformat(),
    }
    return {"laptop": {"demo_s": round(demo, 1), "page_ms": round(page)}, "import": {"laptop": imported}}


def _demo(home: Path) -> float:
    """Return the seconds of `make demo ONCE=1`, by a stack of its own."""
    began = perf_counter()
    command = [sys.executable, "-m", "local.demo", "--once", "--home", str(home)]
    subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S603 - ours
    return perf_counter() - began


def _page(url: str) -> float:
    """Return the milliseconds of half of the answers."""
    took = []
    for _ in range(WARM + PAGES):
        began = perf_counter()
        httpx.get(url, verify=NO_TLS, timeout=30).raise_for_status()
        took.append(perf_counter() - began)
    return 1000 * median(took[WARM:])


def _imported(file: Path, folder: Path) -> float:
    code = "from newsletter_cli.start import start; start()"
    command = [sys.executable, "-c", code, "import", str(file), "--yes", "--json"]
    shell = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    began = perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder, env=shell)  # noqa: S603 - ours
    seconds = perf_counter() - began
    assert json.loads(done.stdout)["added"] == IMPORTED, done.stdout
    return seconds
