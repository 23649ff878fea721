"""Run every benchmark, or those that are named, and write `bench/results/latest.json`: `make bench`."""

from __future__ import annotations

import json
import platform
import sys
from datetime import UTC, datetime
from os import cpu_count
from pathlib import Path
from typing import Any

from bench import answering, cli, cold_import, desk, feeding, first_answer, growing, publishing, sending, timing

PARTS = (cli, cold_import, first_answer, answering, desk, timing, publishing, feeding, growing, sending)
RESULTS = Path(__file__).parent / "results" / "latest.json"


def main() -> None:
    """Measure, print what was found, and keep it."""
    named = sys.argv[1:]
    parts = {part.__name__.rpartition(".")[2]: part for part in PARTS}
    found: dict[str, Any] = {
        "measured_on": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "cores": cpu_count(),
    }
    if named:  # what the others found before stands, with the day on which they did
        found = json.loads(RESULTS.read_text())
    for name in named or parts:
        found |= parts[name].measure()
    text = json.dumps(found, indent=1, sort_keys=True)
    RESULTS.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
