"""The findings in a file: lines for people (and for editors that jump to a line), JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from newsletter.issues.writing.file_notes import described

if TYPE_CHECKING:
    from newsletter_cli.editor.look import Look

COLOURS = {"error": "bold red", "warning": "yellow"}


def show_findings(looked: Look, console: Console) -> None:
    """Print each finding with file, line and remedy, and how many there are."""
    for finding in looked.preflight.findings:
        where = f"{looked.file}:{finding.line}" if finding.line else str(looked.file)
        remedy = f"{finding.remedy} [{finding.code}]" if finding.code else finding.remedy
        level = Text(str(finding.level), style=COLOURS[finding.level])
        line = Text.assemble(f"{where}: ", level, f": {finding.message}")
        if console.is_terminal:
            console.print(line)
            console.print(Padding(Text(remedy), (0, 0, 0, 2), expand=False))
        else:  # for `grep` and for editors, one line each
            console.print(line, Text(remedy), soft_wrap=True)
    for each in looked.files:
        line = Text(f"{looked.file}: with {described(each.linked_file)}")
        console.print(line, soft_wrap=not console.is_terminal)
    console.print(Text(f"{looked.file}: {counted(looked)}"), soft_wrap=not console.is_terminal)


def counted(looked: Look) -> str:
    """Return how many errors and warnings there are, as a sentence."""
    errors, warnings = len(looked.preflight.errors), len(looked.preflight.warnings)
    accepted = f", {len(looked.preflight.accepted)} accepted" if looked.preflight.accepted else ""
    if not errors and not warnings:
        return f"nothing found{accepted}."
    return f"{_some(errors, 'error')}, {_some(warnings, 'warning')}{accepted}."


def as_json(looked: Look) -> dict[str, Any]:
    """Return the look as JSON has it.

    Shape: {"file": "x.md", "slug": "x", "refused": false, "files": [{"name", "bytes"}], "errors": 1, "warnings": 0,
    "findings": [finding], "accepted": [finding], "measures": {...}, "content_hash"}; a finding is as in
    `Preflight.to_json`.
    """
    preflight = looked.preflight
    found: dict[str, Any] = json.loads(preflight.to_json())
    counts = {"errors": len(preflight.errors), "warnings": len(preflight.warnings)}
    findings = [finding.to_json() for finding in preflight.findings]
    beside = [{"name": each.linked_file.name, "bytes": each.linked_file.weight} for each in looked.files]
    identity = {"file": str(looked.file), "slug": looked.slug, "refused": looked.refused, "files": beside}
    return {**identity, **found, **counts, "findings": findings}


def _some(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
