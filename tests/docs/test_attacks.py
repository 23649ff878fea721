"""Each attack says which commit mended it, and what it shows on older code."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "attacks"
ROW = re.compile(r"^\| `(test_\w+)` \| .+ \| .+ \| (shows it|in part|no footing): .+ \|$", re.MULTILINE)


def test_the_table_has_a_row_for_each_file_and_for_no_other() -> None:
    named = [name for name, _ in ROW.findall((FOLDER / "README.md").read_text())]

    assert named == sorted(path.stem for path in FOLDER.glob("test_*.py"))
