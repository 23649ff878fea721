"""The records of a CSV file, one at a time; a broken one is handed out with the reason, and costs no other."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from newsletter.readers.importing.domain.decoding import Decoding, tidy
from newsletter.readers.importing.domain.list_faults import ListFault, list_fault

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
    offset: int = 0
    """How much of the file stands before its first line. Units: bytes with a decoding, else characters."""


def records(
    csv_file: TextIO, *, delimiter: str, width: int = 0, line: int = 0, decoding: Decoding | None = None
) -> Iterator[Record]:
    """Yield the header, then every record that is not blank.

    A file can be read from any record on, and up to any other: what is found in between is the same.

    The csv module alone would take everything after a stray quote for one cell, to the end of the file. So a record is
    tried as one line first; more lines are taken only if that makes exactly as many cells as the header has, and if
    none of those lines is a whole record by itself.

    Args:
        csv_file: Its text, in which no line end was translated.
        delimiter: Between two cells.
        width: Columns of the header, where the file is not read from its beginning.
        line: How many lines stand before.
        decoding: How the text came out of bytes; with it, offsets are of bytes.

    Raises:
        InvalidListError: The lines are not as long together as the decoding says the file is.
    """
    lines, columns = _Lines(csv_file, line, decoding), width
    while (first := lines.take()) is not None:
        number, text, offset = first
        if not text.strip(f"{delimiter} \t\r\n\"'"):
            continue
        if len(text) >= LONGEST_LINE:
            fault = f"the line is longer than {LONGEST_LINE} characters"
            yield Record(number, [text[:80]], fault, offset)
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
                yield Record(number, [text.rstrip("\r\n")], "a quotation mark is not closed", offset)
                continue
        if cells is None:
            yield Record(number, [text.rstrip("\r\n")], "it cannot be read as CSV", offset)
            continue
        columns = columns or len(cells)
        yield Record(number, cells, _fault(cells, columns), offset)
    if decoding and decoding.size and decoding.size != lines.offset:
        # Encodings that remember what came before, such as ISO 2022, have no way back from a line to its bytes.
        raise list_fault(ListFault.CANNOT_BE_CUT)


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

    def __init__(self, file: TextIO, number: int, decoding: Decoding | None) -> None:
        self._file = file
        self._number = number
        self._measure = decoding.measure if decoding else len
        self.offset = 0
        self._ahead: deque[tuple[str, int]] = deque()

    def take(self) -> tuple[int, str, int] | None:
        """Return the next line, its number before it and its offset behind it."""
        text, size = self._ahead.popleft() if self._ahead else self._read()
        if not text:
            return None
        offset = self.offset
        self._number += 1
        self.offset += size
        return self._number, text, offset

    def drop(self, count: int) -> None:
        """Go on behind some lines that were looked at."""
        for _ in range(count):
            self.offset += self._ahead.popleft()[1]
        self._number += count

    def ahead_to_a_closing_quote(self, text: str) -> list[str]:
        """Return the lines that follow, to the first after which no quote is open; empty if none is near."""
        quotes, found, size = text.count('"'), list[str](), len(text)
        while len(found) < MOST_LINES and size < LONGEST_LINE:
            if len(found) == len(self._ahead):
                read = self._read()
                if not read[0]:
                    return []
                self._ahead.append(read)
            line = self._ahead[len(found)][0]
            found.append(line)
            size += len(line)
            quotes += line.count('"')
            if quotes % 2 == 0:
                return found
        return []

    def _read(self) -> tuple[str, int]:
        """Return a line, or the beginning of one that is too long, whose rest is skipped; and how much that was."""
        text = rest = self._file.readline(LONGEST_LINE)
        size = self._measure(rest)
        while len(rest) == LONGEST_LINE and not rest.endswith("\n"):
            rest = self._file.readline(LONGEST_LINE)
            size += self._measure(rest)
        return tidy(text), size
