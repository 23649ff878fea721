"""Lines of plain text, as wide as a mail should be."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

WIDTH = 72
"""Columns: what a reply can quote twice before it breaks at 80."""


def wrap(text: str, width: int = WIDTH, *, visible: Callable[[str], str] = str) -> list[str]:
    """Return the text in lines no wider than `width`, unless a single word is; line breaks in it are kept."""
    lines: list[str] = []
    for part in text.split("\n"):
        line, used = "", 0
        for word in part.split(" "):
            if not word:
                continue
            size = columns(visible(word))
            if line and used + 1 + size > width:
                lines.append(line)
                line, used = word, size
            else:
                used += size + bool(line)
                line = f"{line} {word}" if line else word
        lines.append(line)
    return lines


def columns(text: str) -> int:
    """Return how many columns the text takes in a terminal."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
