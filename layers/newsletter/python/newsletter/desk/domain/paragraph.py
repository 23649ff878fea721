"""The text of an issue as somebody reads it who comments on it: by paragraph, each with its line in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from newsletter.core.text import one_line
from newsletter.desk.domain.comment import LONGEST_QUOTE, Comment

ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+")
HEADING = re.compile(r"\s{0,3}#{1,6}\s+")
FENCE = re.compile(r"\s{0,3}(```+|~~~+)")
BOX = re.compile(r"\[!\w{1,40}\]([^\n]*)")
"""The first line of a box, with its title if it has one."""

RULER = re.compile(r"[\s|:*_=-]+")
"""A line that draws one, of a table or between parts, and has no words."""

MARKS = (
    (re.compile(r"!\[([^\]]{0,300})\]\((?:[^()]|\([^()]{0,200}\)){0,2000}\)"), r"[Picture: \1]"),
    (re.compile(r"\[([^\]]{1,300})\]\((?:[^()]|\([^()]{0,200}\)){0,2000}\)"), r"\1"),
    (re.compile(r"\[\^[^\]]{1,80}\](?!:)"), ""),
    (re.compile(r"\{\{\s{0,9}\w{1,40}\s{0,9}(?:\|\s{0,9}([^}]{0,80}?)\s{0,9})?\}\}"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)(.{1,300}?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])([*_])(?=[^\s*_])(.{1,300}?)(?<=\S)\1(?![\w*])"), r"\2"),
    (re.compile(r"~~(.{1,300}?)~~|`([^`]{1,300})`"), r"\1\2"),
    (re.compile(r"<!--.{0,300}?-->"), ""),
)
"""What marks words in Markdown, and what is read in its place: it is shown, never sent. Each has an end, so that a long
text of opened marks takes no longer than any other."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, a heading, an item of a list or a table."""

    line: int
    """Its first, counted in the whole file from 1, as the checks count."""
    words: str
    """As a reader sees them."""
    is_heading: bool = False

    @property
    def quote(self) -> str:
        """What a comment remembers of it."""
        return self.words[:LONGEST_QUOTE].rstrip()


def paragraphs(file_text: str) -> tuple[Paragraph, ...]:
    """Return the paragraphs of an issue's file, without the fields at its top."""
    return tuple(each for each in (_paragraph(*block) for block in _blocks(file_text)) if each.words)


def place_of(comment: Comment, paragraphs_there: Sequence[Paragraph]) -> Paragraph | None:
    """Return the paragraph that a comment is about: nearest to its line of those that begin with what it quotes.

    None if its paragraph has changed, or if it is about the whole issue.
    """
    if not comment.quote:
        return None
    alike = [each for each in paragraphs_there if each.quote == comment.quote]
    return min(alike, key=lambda each: abs(each.line - comment.line), default=None)


def _blocks(file_text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that belong together, each with the number of the first."""
    lines = file_text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    begun, block, fence = 0, list[str](), ""
    for number, line in enumerate(lines[_fields(lines) :], start=_fields(lines) + 1):
        if found := FENCE.match(line):
            fence = "" if fence and line.strip().startswith(fence) else fence or found[1]
        plain = re.sub(r"^\s{0,3}(?:>\s?)+", "", line)
        ends = not fence and (not plain.strip() or bool(HEADING.match(plain)) or bool(ITEM.match(plain)))
        if ends and block:
            yield begun, block
            block = []
        if plain.strip():
            begun = begun if block else number
            block.append(plain)
        if block and not fence and HEADING.match(block[0]):
            yield begun, block
            block = []
    if block:
        yield begun, block


def _fields(lines: Sequence[str]) -> int:
    """Return how many lines the fields at the top take, with their fences."""
    if lines[0].removeprefix("\ufeff").rstrip() != "---":
        return 0
    length = len(list(takewhile(lambda line: line.rstrip() not in ("---", "..."), lines[1:])))
    return length + 2 if length + 1 < len(lines) else 0


def _paragraph(line: int, block: Sequence[str]) -> Paragraph:
    if FENCE.match(block[0]):
        return Paragraph(line, one_line("\n".join(block[1:-1])))
    if found := BOX.fullmatch(block[0]):
        block = [f"{found[1].strip()}:", *block[1:]] if found[1].strip() else block[1:]
    if not block:
        return Paragraph(line, "")
    heading = HEADING.match(block[0])
    words = " ".join(_cells(each) for each in block if not RULER.fullmatch(each))
    words = HEADING.sub("", ITEM.sub("", words, count=1) if ITEM.match(words) else words, count=1)
    for mark, instead in MARKS:
        words = mark.sub(instead, words)
    return Paragraph(line, one_line(words), is_heading=bool(heading))


def _cells(line: str) -> str:
    """Return the line; of one of a table, its cells."""
    return line.strip("| ").replace(" | ", " · ") if line.startswith("|") else line
