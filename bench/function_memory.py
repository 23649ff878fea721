"""How much memory a function is given."""

from __future__ import annotations

from typing import Any

from local.package import read_template
from local.process import ROOT


def megabytes(function: str, *, large: bool = False) -> int:
    """Return the memory of a function in the template, by its logical name; in a large stack, or in a small one."""
    template: Any = read_template(ROOT / "template.yaml")
    given = template["Resources"][function]["Properties"].get(
        "MemorySize", template["Globals"]["Function"]["MemorySize"]
    )
    return int(given["Fn::If"][1 if large else 2] if isinstance(given, dict) else given)
