"""Parts of a page that are made, between two comments; the prose around them is written by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def only_counts(statement: Mapping[str, Any]) -> bool:
    """Return whether a permission is answered with a number alone, and with nobody's item."""
    condition = statement.get("Condition", {}).get("StringEquals", {})
    return isinstance(condition, Mapping) and condition.get("dynamodb:Select") == "COUNT"


def with_parts(file: Path, parts: Mapping[str, str]) -> str:
    """Return the text of a page with its made parts as they should be.

    Shape: `<!-- made: name -->` ... `<!-- end -->`.

    Raises:
        ValueError: The page lacks a part, or has one that nobody makes.
    """
    text = file.read_text(encoding="utf-8")
    there = re.findall(r"<!-- made: (\w+) -->", text)
    if sorted(there) != sorted(parts):
        raise ValueError(f"{file.name} has the parts {there}; {sorted(parts)} are made")
    for name, part in parts.items():
        before, _, rest = text.partition(f"<!-- made: {name} -->\n")
        text = f"{before}<!-- made: {name} -->\n\n{part}\n\n<!-- end -->{rest.partition('<!-- end -->')[2]}"
    return text
