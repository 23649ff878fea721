"""A whole list, imported by several writers at once: in bounded memory, and accounted for in the order of its lines."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from newsletter.readers.domain.takeover import Imported, Row
from newsletter.readers.importing.domain.csv_records import Record
from newsletter.readers.importing.domain.reasons import DONE
from newsletter.readers.importing.domain.rows import Refusal, RowReading
from newsletter.readers.jobs.import_subscribers import LARGEST_IMPORT
from newsletter_cli.people.account import REFUSED, UNCONFIRMED_THERE
from newsletter_cli.people.journal import Journal
from newsletter_cli.people.rejects import Rejects

WRITERS = 8
"""Calls to the database at once. They wait for it most of the time; more of them wait for this process."""

UNDER_WAY = 4 * WRITERS
"""Pieces that are read ahead: enough that no writer waits, and little to tell anew after a crash."""

LARGEST_PIECE = 500
"""Records of one piece, most of them bad ones: so often at least the journal is written."""

Import = Callable[[Sequence[Row]], list[Imported]]
Advance = Callable[[int], None]


@dataclass
class Piece:
    """Some records in the order of the file, and those of them that can be imported."""

    records: list[tuple[Record, Row | Refusal]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def add(self, record: Record, read: Row | Refusal) -> None:
        """Put a record at the end."""
        self.records.append((record, read))
        if isinstance(read, Row):
            self.rows.append(read)

    @property
    def is_full(self) -> bool:
        """Whether it has to go now."""
        return len(self.rows) == LARGEST_IMPORT or len(self.records) == LARGEST_PIECE


def take_over(
    records: Iterator[Record],
    *,
    reading: RowReading,
    import_rows: Import,
    journal: Journal,
    rejects: Rejects,
    advance: Advance,
) -> None:
    """Import what is not done yet, and account for it piece by piece, in the order of the file.

    Args:
        records: Of the whole file, without its headings.
        reading: How a record becomes a row.
        import_rows: The writer; called from several threads.
        journal: Where an earlier run stopped, and where this one is.
        rejects: Takes what cannot be imported.
        advance: Called with the line up to which all is done.

    Raises:
        Whatever a writer raised; all that the journal tells is done, and the next run goes on from there.
    """
    under_way: deque[tuple[Piece, Future[list[Imported]]]] = deque()
    with ThreadPoolExecutor(WRITERS) as writers:
        try:
            for piece in _pieces(records, reading, journal):
                under_way.append((piece, writers.submit(import_rows, piece.rows)))
                if len(under_way) >= UNDER_WAY:
                    _account(*under_way.popleft(), journal, rejects, advance)
            while under_way:
                _account(*under_way.popleft(), journal, rejects, advance)
        except BaseException:
            writers.shutdown(cancel_futures=True)
            raise


def _pieces(records: Iterator[Record], reading: RowReading, journal: Journal) -> Iterator[Piece]:
    piece = Piece()
    for record in records:
        if record.line <= journal.line:
            continue
        read = reading.row(record)
        if isinstance(read, Row) and journal.is_repeated(read.subscriber_id, record.line):
            read = Refusal("repeated", REFUSED["repeated"])
        elif isinstance(read, Refusal) and read.word == "unconfirmed_there":
            read = Refusal(read.word, UNCONFIRMED_THERE)
        piece.add(record, read)
        if piece.is_full:
            yield piece
            piece = Piece()
    if piece.records:
        yield piece


def _account(
    piece: Piece, written: Future[list[Imported]], journal: Journal, rejects: Rejects, advance: Advance
) -> None:
    outcomes = iter(written.result())
    words, refused = [], []
    for record, read in piece.records:
        word = read.word if isinstance(read, Refusal) else next(outcomes)
        words.append(str(word))
        if word not in DONE:
            why = read.sentence if isinstance(read, Refusal) else REFUSED[word]
            refused.append((record.line, why, record.cells))
    rejects.write(refused)
    line = piece.records[-1][0].line
    journal.record(words, line=line, rejects=rejects.size)
    advance(line)
