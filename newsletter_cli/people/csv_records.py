"""The records of a CSV file, one at a time; a broken one is handed out with the reason, and costs no other."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

LONGEST_LINE = 1 << 17
"""Characters; a longer line is no person. Also what the csv module allows for one cell."""

MOST_LINES = 200
"""Lines of one record: notes may have line ends, but a quote that is open for longer was never closed."""


@dataclass(frozen=True, slots=True)
class Record:
    """What stands on one or more lines."""

    line: int
    """The first of its lines, counted from 1, as an editor shows it."""
    cells: list[str]
    fault: str = ""
    """Why it cannot be read, if so."""


def records(file: TextIO, *, delimiter: str) -> Iterator[Record]:
    """Yield the header, then every record that is not blank.

    The csv module alone would take everything after a stray quote for one cell, to the end of the file. So a record is
    tried as one line first; more lines are taken only if that makes exactly as many cells as the header has, and if
    none of those lines is a whole record by itself.
    """
    lines = _Lines(file)
    columns = 0
    while (first := lines.take()) is not None:
        number, text = first
        if not text.strip(f"{delimiter} \t\r\n\"'"):
            continue
        if len(text) >= LONGEST_LINE:
            yield Record(number, [text[:80]], f"the line is longer than {LONGEST_LINE} characters")
            continue
        cells = _cells([text], delimiter)
        if text.count('"') % 2:
            more = lines.ahead_to_a_closing_quote(text)
            joined = _cells([text, *more], delimiter) if more else None
            whole = joined is not None and len(joined) == columns
            if whole and not any(_is_record(line, delimiter, columns) for line in more[:-1]):
                lines.drop(len(more))
                cells = joined
            elif cells is None or "\n" in cells[-1] or len(cells) != columns:
                yield Record(number, [text.rstrip("\r\n")], "a quotation mark is not closed")
                continue
        if cells is None:
            yield Record(number, [text.rstrip("\r\n")], "it cannot be read as CSV")
            continue
        columns = columns or len(cells)
        yield Record(number, cells, _fault(cells, columns))


def _fault(cells: list[str], columns: int) -> str:
    if any("\0" in cell for cell in cells):
        return "it holds a zero byte"
    extra = cells[columns:]
    return f"it has {len(cells)} cells, the header has {columns}" if any(extra) else ""


def _cells(lines: list[str], delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader(lines, delimiter=delimiter), None)
    except csv.Error:
        return None


def _is_record(line: str, delimiter: str, columns: int) -> bool:
    """Return whether a line inside a quote is a person by itself: then the quote swallowed them."""
    if "@" not in line or line.count('"') % 2:
        return False
    cells = _cells([line], delimiter)
    return cells is not None and len(cells) == columns


class _Lines:
    """The lines of a file, with a look ahead."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._number = 0
        self._ahead: deque[str] = deque()

    def take(self) -> tuple[int, str] | None:
        """Return the next line and its number."""
        text = self._ahead.popleft() if self._ahead else self._read()
        if not text:
            return None
        self._number += 1
        return self._number, text

    def drop(self, count: int) -> None:
        """Go on behind some lines that were looked at."""
        for _ in range(count):
            self._ahead.popleft()
        self._number += count

    def ahead_to_a_closing_quote(self, text: str) -> list[str]:
        """Return the lines that follow, to the first after which no quote is open; empty if none is near."""
        quotes, found, size = text.count('"'), list[str](), len(text)
        while len(found) < MOST_LINES and size < LONGEST_LINE:
            if len(found) == len(self._ahead):
                line = self._read()
                if not line:
                    return []
                self._ahead.append(line)
            line = self._ahead[len(found)]
            found.append(line)
            size += len(line)
            quotes += line.count('"')
            if quotes % 2 == 0:
                return found
        return []

    def _read(self) -> str:
        """Return a line, or the beginning of one that is too long; the rest of that one is skipped."""
        text = self._file.readline(LONGEST_LINE)
        rest = text
        while len(rest) == LONGEST_LINE and not rest.endswith("\n"):
            rest = self._file.readline(LONGEST_LINE)
        return text
