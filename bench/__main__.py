"""Run every benchmark, or those that are named, and write `bench/results/latest.json`: `make bench`."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from os import cpu_count
from pathlib import Path
from textwrap import fill
from time import monotonic
from types import ModuleType
from typing import Any

from bench import (
    aims,
    answering,
    cli,
    cold_import,
    desk,
    feeding,
    first_answer,
    growing,
    importing,
    laptop,
    own_cost,
    publishing,
    sending,
    slot,
    timing,
)

PARTS = (
    own_cost, cli, cold_import, first_answer, answering, desk, timing, publishing, importing, laptop, feeding, growing,
    slot, sending,
)  # fmt: skip

RESULTS = Path(__file__).parent / "results" / "latest.json"
WIDTH = 80
"""Of a terminal."""


def main() -> None:
    """Measure, keep what was found, and print how far each aim is reached."""
    named = sys.argv[1:]
    parts = {_name(part): part for part in PARTS}
    if unknown := set(named) - set(parts):
        sys.exit(f"There is no part {', '.join(sorted(unknown))}. There are: {', '.join(parts)}.")
    found: dict[str, Any] = {
        "measured_on": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "cores": cpu_count(),
    }
    before = json.loads(RESULTS.read_text())
    if named:  # what the others found before stands, with the day on which they did
        found = before
    took: dict[str, int] = found.get("took_s", {})
    for name in named or map(_name, PARTS):
        began = monotonic()
        for key, each in parts[name].measure().items():  # `import` is of two parts
            found[key] = found.get(key, {}) | each if key == "import" else each
        took[name] = round(monotonic() - began)
        print(f"{name:<14}{took[name]:>5} s", flush=True)
        found["took_s"] = took
        RESULTS.write_text(
            json.dumps(found, indent=1, sort_keys=True) + "\n"
        )  # one that fails loses no other's figures
    print(f"\n{aims.as_text(found)}\n\n{_as_text(took)}\n\nEverything: {RESULTS}")


def _as_text(took: Mapping[str, int]) -> str:
    """Return the seconds of all parts, the longest first; of those that did not run, as they took them last."""
    each = [f"{name} {seconds}" for name, seconds in sorted(took.items(), key=lambda part: -part[1])]
    return fill(f"{sum(took.values())} seconds altogether: {', '.join(each)}.", WIDTH)


def _name(part: ModuleType) -> str:
    return part.__name__.rpartition(".")[2]


if __name__ == "__main__":
    main()
