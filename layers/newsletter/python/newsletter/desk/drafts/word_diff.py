"""What changed between two versions of a draft, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from newsletter.desk.drafts.draft import plain_lines

LONG = 1_000
"""Words. In longer pieces, words that are there again and again are no landmarks."""

MOST_COMPARED = 8_000
"""Words and spaces of a piece in which all lines changed; longer ones are shown as gone and come."""

_WORD = re.compile(r"\s+|\w+(?:[’'-]\w+)*|[^\w\s]")


class WordChange(StrEnum):
    """What became of some words."""

    SAME = "same"
    GONE = "gone"
    COME = "come"


@dataclass(frozen=True, slots=True)
class ChangedWords:
    """Words that stand one after the other, and what became of them."""

    change: WordChange
    text: str


def word_diff(old_text: str, new_text: str) -> tuple[ChangedWords, ...]:
    """Return both versions in one: all that is not `COME` is the old one, all that is not `GONE` the new one."""
    found: list[ChangedWords] = []
    for change, text in _by_line(plain_lines(old_text), plain_lines(new_text)):
        if not text:
            continue
        if found and found[-1].change is change:
            found[-1] = ChangedWords(change, found[-1].text + text)
        else:
            found.append(ChangedWords(change, text))
    return tuple(found)


def _by_line(old: str, new: str) -> Iterator[tuple[WordChange, str]]:
    """Yield changes; only within lines that differ are words compared."""
    old_lines, new_lines = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for kind, begin, end, start, stop in _opcodes(old_lines, new_lines):
        before, after = "".join(old_lines[begin:end]), "".join(new_lines[start:stop])
        if kind == "equal":
            yield WordChange.SAME, before
        else:
            yield from _by_word(_WORD.findall(before), _WORD.findall(after))


def _by_word(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[WordChange, str]]:
    shorter = min(len(old), len(new))
    head = next((number for number in range(shorter) if old[number] != new[number]), shorter)
    yield WordChange.SAME, "".join(old[:head])
    old, new = old[head:], new[head:]
    if max(len(old), len(new)) > MOST_COMPARED:
        yield WordChange.GONE, "".join(old)
        yield WordChange.COME, "".join(new)
        return
    for kind, begin, end, start, stop in _opcodes(old, new):
        if kind == "equal":
            yield WordChange.SAME, "".join(old[begin:end])
        else:
            yield WordChange.GONE, "".join(old[begin:end])
            yield WordChange.COME, "".join(new[start:stop])


def _opcodes(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    # A space is no landmark: else two sentences would share nothing but theirs, and be shown as one patchwork.
    matcher = SequenceMatcher(str.isspace, old, new, autojunk=len(new) > LONG)
    yield from matcher.get_opcodes()
