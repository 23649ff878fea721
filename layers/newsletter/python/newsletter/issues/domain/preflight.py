"""A preflight: the findings of all checks of one issue before it is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

VERSION = 1
"""Of the JSON; raised when a key changes its meaning or goes away, not when a check is added."""


class Level(StrEnum):
    """How bad it is."""

    ERROR = "error"
    """The issue is not sent while this stands."""
    WARNING = "warning"
    """A person should look; nothing is held up."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found."""

    level: Level
    check: str
    """Name of the check."""
    message: str
    """What is wrong, as a sentence."""
    remedy: str
    """What to do about it, as a sentence."""
    line: int | None = None
    """Of the issue file, counted from 1; None when it is not on one line."""


@dataclass(frozen=True, slots=True)
class Preflight:
    """The result of all checks of one issue, in the order of the checks."""

    findings: tuple[Finding, ...] = ()
    measures: Mapping[str, int] = field(default_factory=dict)
    """What was measured, such as `html_bytes`; the name says the unit."""
    content_hash: str = ""
    """Of the rendered issue that was looked at."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What must be mended."""
        return tuple(finding for finding in self.findings if finding.level is Level.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What somebody should look at."""
        return tuple(finding for finding in self.findings if finding.level is Level.WARNING)

    @property
    def blocks(self) -> bool:
        """Whether this issue must not be sent as it is."""
        return bool(self.errors)

    def to_json(self) -> str:
        """Return the same text for the same result, always.

        Shape: {"version", "content_hash", "errors": 1, "warnings": 2, "measures": {...},
        "findings": [{"level", "check", "line", "message", "remedy"}]}.
        """
        document = {
            "version": VERSION,
            "content_hash": self.content_hash,
            "errors": len(self.errors),
            "warnings": len(self.warnings),
            "measures": dict(sorted(self.measures.items())),
            "findings": [
                {
                    "level": finding.level,
                    "check": finding.check,
                    "line": finding.line,
                    "message": finding.message,
                    "remedy": finding.remedy,
                }
                for finding in self.findings
            ],
        }
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
