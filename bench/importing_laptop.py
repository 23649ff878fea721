"""The list of `bench/importing.py`, taken over into a laptop's stack: `make bench PARTS=importing_laptop`.

It takes minutes, nearly all of them the emulator's, and is not part of the whole.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from bench.importing import RESULTS, ROWS, write_list
from local.stack import running


def measure() -> dict[str, Any]:
    """Return `import`; what it takes with stores in memory stands as it was measured last."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        file = write_list(folder)
        with running(folder / ".local", {"Webhooks": "off"}):  # as a stack is that nobody told otherwise
            seconds = _imported(file, folder)
    laptop = {
        "seconds_for_100000": round(seconds, 1),
        "rows_per_s": round(ROWS / seconds),
        "measured_on": datetime.now(UTC).date().isoformat(),
    }
    return {"import": json.loads(RESULTS.read_text()).get("import", {}) | {"laptop": laptop}}


def _imported(file: Path, folder: Path) -> float:
    code = "from newsletter_cli.start import start; start()"
    command = [sys.executable, "-c", code, "import", str(file), "--yes", "--json"]
    shell = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    began = perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder, env=shell)  # noqa: S603 - ours
    seconds = perf_counter() - began
    assert json.loads(done.stdout)["added"] == ROWS, done.stdout
    return seconds
