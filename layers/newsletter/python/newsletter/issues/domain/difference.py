"""The difference between two versions of an issue file, short enough to read on a phone."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

CONTEXT = 1
"""Unchanged lines around a change. A paragraph of Markdown is one line, so one is enough to find the place."""

MOST_COMPARED = 2000
"""Lines of each file, from the first one that differs. A long issue has 400; the time grows with their cube."""

MOST_LINES = 60
LONGEST_LINE = 400
"""Characters. With both limits a mail stays far below what Gmail cuts off."""


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """One line of the difference."""

    mark: str
    """"+" came, "-" went, " " stands between, "@" begins another place."""
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """The lines that changed, and how many more did."""

    lines: tuple[ChangedLine, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """What changed in one file of an issue: the original, or a translation."""

    name: str
    difference: Difference
    came: bool = False
    """Whether the file is new; its lines are not listed, because all of them are."""
    went: bool = False
    """Whether the file was removed."""


def difference(source_before: bytes, source_after: bytes) -> Difference:
    """Return what changed, as lines; files that are the same give none."""
    old, new = (text.decode("utf-8-sig", "replace").splitlines() for text in (source_before, source_after))
    same = next(
        (number for number, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    skipped = max(same - CONTEXT, 0)
    compared = slice(skipped, skipped + MOST_COMPARED)
    beyond = (
        0 if old[compared.stop :] == new[compared.stop :] else len(old[compared.stop :]) + len(new[compared.stop :])
    )
    found: list[ChangedLine] = []
    for line in difflib.unified_diff(old[compared], new[compared], lineterm="", n=CONTEXT):
        if line.startswith(("---", "+++")) and len(found) == 0:
            continue  # the names of the files, which are the same
        place = line.startswith("@@")
        found.append(ChangedLine("@", _place(line, skipped)) if place else ChangedLine(line[0], _cut(line[1:])))
    return Difference(tuple(found[:MOST_LINES]), more=max(len(found) - MOST_LINES, 0) + beyond)


def _place(line: str, skipped: int) -> str:
    """Return the line of the new file at which a place of `@@ -3,2 +3,4 @@` begins."""
    start = line.split("+", 1)[1].split(" ", 1)[0].split(",", 1)[0]
    return f"line {int(start) + skipped}"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]} …"
