"""Each promise of docs/promises.md names a test, and there is such a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAULTS = (ROOT / "docs/promises.md").read_text().partition("## Faults")[2].partition("\n## ")[0]
ROWS = [line for line in FAULTS.splitlines() if line.startswith("| ") and not line.startswith(("| fault ", "| --- "))]


def test_there_are_promises() -> None:
    assert len(ROWS) > 20


@pytest.mark.parametrize("row", ROWS, ids=[row.split(" | ")[0][2:] for row in ROWS])
def test_a_promise_says_everything_and_names_tests_that_exist(row: str) -> None:
    *said, tests = (cell.strip() for cell in row.strip("|").split(" | "))
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", tests)

    assert len(said) == 4
    assert all(said)
    assert named
    for path, name in named:
        assert re.search(rf"^(?:    )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE), f"{path} has no {name}"
