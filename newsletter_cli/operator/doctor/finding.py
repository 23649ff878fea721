"""What an examination found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    SKIPPED = "skipped"
    """It makes no sense here; the finding says why."""
    WARNING = "warning"
    """It works, and may not for long, or nobody would notice if it did not."""
    PROBLEM = "problem"
    """Something does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    level: Level
    found: str
    """What was found, as a sentence."""
    remedy: str = ""
    """What to do: a command, or a heading of docs/operate.md. Empty if there is nothing to do."""


def ok(name: str, found: str) -> Finding:
    """Return that all is well."""
    return Finding(name, Level.OK, found)


def skipped(name: str, because: str) -> Finding:
    """Return that it was not looked at."""
    return Finding(name, Level.SKIPPED, because)


def warning(name: str, found: str, remedy: str) -> Finding:
    """Return that something needs a look."""
    return Finding(name, Level.WARNING, found, remedy)


def problem(name: str, found: str, remedy: str) -> Finding:
    """Return that something does not work."""
    return Finding(name, Level.PROBLEM, found, remedy)


def see(heading: str) -> str:
    """Return a remedy that names a paragraph of the operator's guide."""
    return f'See "{heading}" in docs/operate.md.'
