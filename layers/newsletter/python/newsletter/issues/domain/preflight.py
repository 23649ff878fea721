"""A preflight: the findings of all checks of one issue before it is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

VERSION = 2
"""Of the JSON; raised when a key changes its meaning or goes away, not when a check is added."""


AUDIENCE_READERS = "audience_readers"
"""The measure that says how many readers are in the part of the list that an issue goes to."""


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
    code: str = ""
    """What it is accepted by, in `accept` of an issue's front matter."""

    def to_json(self) -> dict[str, str | int | None]:
        """Return what programs are told about it."""
        return {
            "code": self.code,
            "level": self.level,
            "check": self.check,
            "line": self.line,
            "message": self.message,
            "remedy": self.remedy,
        }


@dataclass(frozen=True, slots=True)
class Preflight:
    """The result of all checks of one issue, in the order of the checks."""

    findings: tuple[Finding, ...] = ()
    measures: Mapping[str, int] = field(default_factory=dict)
    """What was measured, such as `html_bytes`; the name says the unit."""
    content_hash: str = ""
    """Of the rendered issue that was looked at."""
    accepted: tuple[Finding, ...] = ()
    """What the issue's own front matter accepts: shown, and neither error nor warning any more."""

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

        Shape: {"version", "content_hash", "errors": [finding], "warnings": [finding], "accepted": [finding],
        "measures": {...}}, where a finding is {"code", "level", "check", "line", "message", "remedy"}.
        """
        document = {
            "version": VERSION,
            "content_hash": self.content_hash,
            "errors": [finding.to_json() for finding in self.errors],
            "warnings": [finding.to_json() for finding in self.warnings],
            "accepted": [finding.to_json() for finding in self.accepted],
            "measures": dict(sorted(self.measures.items())),
        }
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
