"""Putting two people's changes of one text together, line by line, without a loss.

Source of the idea: S. Khanna, K. Kunal and B. C. Pierce, "A Formal Investigation of Diff3" (2007). Other than diff3,
changes of neighbouring lines do not clash: whoever writes below a line that a colleague is typing is in nobody's way.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

LONG = 1_000
"""Lines. In longer texts, lines that are there again and again are no landmarks: to compare them all takes minutes."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A text that holds what both typed."""

    text: str
    clashes: tuple[int, ...] = ()
    """Lines, counted from 1, where both changed the same: what the other one wrote stands there, then one's own."""


@dataclass(frozen=True, slots=True)
class _Change:
    """Lines that stand instead of those from `start` to before `end` of the text that both began from."""

    start: int
    end: int
    lines: list[str]
    mine: bool


def merge(base: str, mine: str, theirs: str) -> Merged:
    """Return one text with the changes of two; where both changed the same lines differently, both are kept.

    Args:
        base: What both began from.
        mine: What one of them made of it.
        theirs: What the other one made of it.
    """
    if mine in (base, theirs):
        return Merged(theirs)
    if theirs == base:
        return Merged(mine)
    common = base.split("\n")
    changes = _changes(common, theirs.split("\n"), mine=False) + _changes(common, mine.split("\n"), mine=True)
    lines: list[str] = []
    clashes: list[int] = []
    at = 0
    for group in _groups(sorted(changes, key=lambda change: (change.start, change.end, change.mine))):
        start, end = group[0].start, max(change.end for change in group)
        lines += common[at:start]
        own, other = (
            _made_of(common, start, end, [each for each in group if each.mine is mine]) for mine in (True, False)
        )
        if own != other and len({change.mine for change in group}) == 2:
            clashes.append(len(lines) + 1)
            lines += _both(other, own)
        else:
            lines += own if group[0].mine else other
        at = end
    return Merged("\n".join(lines + common[at:]), tuple(clashes))


def _changes(base: list[str], changed: list[str], *, mine: bool) -> list[_Change]:
    head, tail = _alike(base, changed) if len(changed) > LONG else (0, 0)
    old, new = base[head : len(base) - tail], changed[head : len(changed) - tail]
    steps = SequenceMatcher(None, old, new, autojunk=len(new) > LONG).get_opcodes()
    return [
        _Change(head + start, head + end, new[first:last], mine)
        for kind, start, end, first, last in steps
        if kind != "equal"
    ]


def _alike(base: list[str], changed: list[str]) -> tuple[int, int]:
    """Return how many lines are the same from the top down, and of the others from the bottom up."""
    shorter = min(len(base), len(changed))
    head = next((number for number in range(shorter) if base[number] != changed[number]), shorter)
    left = shorter - head
    tail = next((number for number in range(left) if base[-1 - number] != changed[-1 - number]), left)
    return head, tail


def _groups(changes: list[_Change]) -> list[list[_Change]]:
    """Return the changes with those together that concern the same lines, or the same place between two lines."""
    groups: list[list[_Change]] = []
    end = -1
    for change in changes:
        same_place = bool(groups) and change.start == change.end == groups[-1][0].start == end
        if groups and (change.start < end or same_place):
            groups[-1].append(change)
        else:
            groups.append([change])
        end = max(end, change.end)
    return groups


def _made_of(base: list[str], start: int, end: int, changes: list[_Change]) -> list[str]:
    """Return what somebody's changes made of these lines."""
    lines: list[str] = []
    for change in changes:
        lines += [*base[start : change.start], *change.lines]
        start = change.end
    return lines + base[start:end]


def _both(other: list[str], own: list[str]) -> list[str]:
    """Return the lines of both; what both have stands once, so that the same change comes twice without a trace."""
    lines: list[str] = []
    steps = SequenceMatcher(lambda line: not line.strip(), other, own, autojunk=len(own) > LONG).get_opcodes()
    for kind, start, end, first, last in steps:
        lines += other[start:end]
        lines += own[first:last] if kind != "equal" else []
    return lines
