"""Run every benchmark and write `bench/results/latest.json`: `make bench`."""

from __future__ import annotations

import json
import platform
from datetime import UTC, datetime
from os import cpu_count
from pathlib import Path
from typing import Any

from bench import answering, cold_import, feeding, growing, publishing, sending, timing

RESULTS = Path(__file__).parent / "results" / "latest.json"


def main() -> None:
    """Measure, print what was found, and keep it."""
    found: dict[str, Any] = {
        "measured_on": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "cores": cpu_count(),
    }
    for part in (cold_import, answering, timing, publishing, feeding, growing, sending):
        found |= part.measure()
    text = json.dumps(found, indent=1, sort_keys=True)
    RESULTS.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
