"""Putting two people's changes of one text together, line by line, without a loss.

Source of the idea: S. Khanna, K. Kunal and B. C. Pierce, "A Formal Investigation of Diff3" (2007).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, slots=True)
class Merged:
    """A text that holds what both typed."""

    text: str
    clashes: tuple[int, ...] = ()
    """Lines, counted from 1, where both changed the same: what the other one wrote stands there, then one's own."""


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
    first, second, third = (text.splitlines(keepends=True) for text in (base, mine, theirs))
    lines: list[str] = []
    clashes: list[int] = []
    for common, own, other in _pieces(first, second, third):
        if own in (common, other):
            lines += other
        elif other == common:
            lines += own
        else:
            clashes.append(sum(line.count("\n") for line in lines) + 1)
            lines += _ended(other) + own
    return Merged("".join(lines), tuple(clashes))


def _ended(lines: list[str]) -> list[str]:
    """Return lines that something can follow."""
    return [*lines[:-1], lines[-1].rstrip("\n") + "\n"] if lines else lines


def _pieces(base: list[str], mine: list[str], theirs: list[str]) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Yield the three texts in pieces: what stands in all three, and what stands between that."""
    at = mine_at = theirs_at = 0
    for start, mine_start, theirs_start, length in _in_all(base, mine, theirs):
        yield base[at:start], mine[mine_at:mine_start], theirs[theirs_at:theirs_start]
        same = base[start : start + length]
        yield same, same, same
        at, mine_at, theirs_at = start + length, mine_start + length, theirs_start + length
    yield base[at:], mine[mine_at:], theirs[theirs_at:]


def _in_all(base: list[str], mine: list[str], theirs: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield (in the base, in mine, in theirs, how many) of lines that stand in all three, in order."""
    of_mine, of_theirs = _same(base, mine), _same(base, theirs)
    while of_mine and of_theirs:
        start = max(of_mine[0][0], of_theirs[0][0])
        end = min(sum(of_mine[0][::2]), sum(of_theirs[0][::2]))
        if start < end:
            moved, others = of_mine[0][1] - of_mine[0][0], of_theirs[0][1] - of_theirs[0][0]
            yield start, start + moved, start + others, end - start
        shorter = of_mine if sum(of_mine[0][::2]) <= sum(of_theirs[0][::2]) else of_theirs
        shorter.pop(0)


def _same(base: list[str], changed: list[str]) -> list[tuple[int, int, int]]:
    """Return (in the base, in the changed text, how many) of lines that stand in both."""
    blocks = SequenceMatcher(None, base, changed, autojunk=False).get_matching_blocks()
    return [(block.a, block.b, block.size) for block in blocks if block.size]
