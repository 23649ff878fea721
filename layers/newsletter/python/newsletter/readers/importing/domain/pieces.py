"""A file cut into pieces that can be read by themselves, in any order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from newsletter.core.stored import known_fields
from newsletter.readers.domain.takeover import Row
from newsletter.readers.importing.domain.csv_records import Record, records
from newsletter.readers.importing.domain.decoding import ChunkReader, Decoding
from newsletter.readers.importing.domain.list_faults import ListFault, list_fault
from newsletter.readers.importing.domain.list_import import MOST_ROWS, PIECE_ROWS
from newsletter.readers.importing.domain.rows import Refusal


@dataclass(frozen=True, slots=True)
class Span:
    """Some rows that lie together."""

    begin: int
    """Where the first begins. Units: bytes of the file."""
    end: int
    line: int
    """How many lines stand before."""
    repeated: tuple[int, ...] = ()
    """Lines of rows whose mailbox stands further up in the file, here or in another piece."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is read piece by piece."""

    first_cells: tuple[str, ...]
    """Of the first line: the headings, or the first row."""
    encoding: str
    delimiter: str
    spans: tuple[Span, ...] = ()
    rows: int = 0

    def to_json(self) -> bytes:
        """Return it as it is kept."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, plan_json: bytes) -> Plan:
        """Return what `to_json` wrote."""
        plain = known_fields(cls, json.loads(plan_json))
        return cls(
            **{
                **plain,
                "first_cells": tuple(plain["first_cells"]),
                "spans": tuple(map(_span, plain.get("spans", ()))),
            }
        )


def _span(plain: Mapping[str, Any]) -> Span:
    return Span(**{**known_fields(Span, plain), "repeated": tuple(plain.get("repeated", ()))})


@dataclass
class _Cut:
    """A piece while it grows."""

    begin: int
    line: int
    rows: int = 0
    repeated: list[int] = field(default_factory=list)

    def closed(self, end: int) -> Span:
        return Span(self.begin, end, self.line, tuple(self.repeated))


def whole_file(chunks: Iterable[bytes], *, encoding: str, delimiter: str, size: int) -> Iterator[Record]:
    """Yield everything in a file, its first line too; offsets are bytes from its beginning.

    Raises:
        InvalidListError: It cannot be read piece by piece in this encoding.
    """
    rest = iter(chunks)
    first = next(rest, b"")
    decoding = Decoding(encoding, first[:4])
    decoding = replace(decoding, size=size - decoding.mark)

    def behind_the_mark() -> Iterator[bytes]:
        yield first[decoding.mark :]
        yield from rest

    text = decoding.lines_of(ChunkReader(behind_the_mark()))
    for record in records(text, delimiter=delimiter, decoding=decoding):
        yield Record(record.line, record.cells, record.fault, record.offset + decoding.mark)


def part_of_file(piece_bytes: bytes, span: Span, plan: Plan, *, first_bytes: bytes) -> Iterator[Record]:
    """Yield the rows of one piece, as `whole_file` does, from its bytes and from the first few of the file."""
    decoding = Decoding(plan.encoding, first_bytes)
    text = decoding.lines_of(ChunkReader([piece_bytes]))
    yield from records(text, delimiter=plan.delimiter, width=len(plan.first_cells), line=span.line, decoding=decoding)


def cut(
    csv_rows: Iterable[Record],
    read: Callable[[Record], Row | Refusal],
    *,
    size: int,
    piece_rows: int = PIECE_ROWS,
    most_rows: int = MOST_ROWS,
) -> tuple[Span, ...]:
    """Cut a file into pieces, and mark every row whose mailbox stood further up.

    Args:
        csv_rows: As `whole_file` yields them, without the headings.
        read: How a record becomes a row.
        size: Of the file, in bytes.
        piece_rows: The most rows of one piece.
        most_rows: The most rows of the file.

    Raises:
        InvalidListError: There are too many rows, or none.
    """
    spans: list[Span] = []
    seen: set[bytes] = set()
    piece: _Cut | None = None
    for number, record in enumerate(csv_rows):
        if number == most_rows:
            raise list_fault(ListFault.TOO_MANY_ROWS, rows=f"{most_rows:,}")
        if piece is None or piece.rows == piece_rows:
            spans += [piece.closed(record.offset)] if piece else []
            piece = _Cut(record.offset, record.line - 1)
        piece.rows += 1
        row = read(record)
        if isinstance(row, Row):
            mailbox = bytes.fromhex(row.subscriber_id)
            if mailbox in seen:
                piece.repeated.append(record.line)
            seen.add(mailbox)
    if piece is None:
        raise list_fault(ListFault.NOBODY)
    return (*spans, piece.closed(size))
