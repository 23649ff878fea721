"""A list of any length as JSON: one element on each line, written while it is read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO


def write_array(elements: Iterable[object], file: TextIO) -> int:
    """Write an array and return how many elements it has. Each line is JSON by itself, but for its comma."""
    count = 0
    file.write("[")
    for element in elements:
        file.write("," if count else "")
        file.write("\n" + json.dumps(element, ensure_ascii=False, default=str))
        count += 1
    file.write("\n]\n")
    return count
