"""What a judge says, and which of that we accept, with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

ACCEPTED = Path(__file__).with_name("accepted.yaml")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a judge holds against a document."""

    document: str
    message: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that stays, and why."""

    finding: str
    """A regular expression for the whole of `Finding.message`."""
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Return whether the finding is of this kind."""
        return re.fullmatch(self.finding, finding.message, re.DOTALL) is not None


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that one judge says."""

    judge: str
    """Its name in `accepted.yaml` and in docs/quality.md."""
    version: str
    judged: str
    """What it looked at."""
    findings: tuple[Finding, ...]

    @property
    def open(self) -> list[Finding]:
        """What nobody accepted."""
        return [each for each in self.findings if not any(one.covers(each) for one in accepted(self.judge))]

    @property
    def unused(self) -> list[str]:
        """What is accepted although the judge no longer says it."""
        return [one.finding for one in accepted(self.judge) if not any(map(one.covers, self.findings))]

    @property
    def row(self) -> str:
        """The line about this judge in the table of docs/quality.md."""
        cells = (self.judge, self.version, self.judged, len(self.open), len(accepted(self.judge)))
        return f"| {' | '.join(map(str, cells))} |"


@cache
def accepted(judge: str) -> tuple[Accepted, ...]:
    """Return what is accepted of what this judge says."""
    written = yaml.safe_load(ACCEPTED.read_text("utf-8"))
    return tuple(Accepted(each["finding"], each["reason"]) for each in written.get(judge) or ())


def told(findings: Iterable[Finding]) -> str:
    """Return findings as a person reads them, each kind once with the documents it is in."""
    by_message: dict[str, list[str]] = {}
    for each in findings:
        by_message.setdefault(each.message, []).append(each.document)
    return "\n".join(f"{message}\n    in {', '.join(sorted(set(where)))}" for message, where in by_message.items())
