"""One piece of a list, in a dry run or in earnest: each of its rows stands in the account once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from newsletter.errors import InvalidListError, StoreBusyError
from newsletter.readers.domain.takeover import Imported, Row
from newsletter.readers.importing.domain.columns import find_columns
from newsletter.readers.importing.domain.csv_records import Record
from newsletter.readers.importing.domain.list_faults import ListFault, list_fault
from newsletter.readers.importing.domain.list_import import ListImport, refused
from newsletter.readers.importing.domain.list_keys import outcome_key, upload_key
from newsletter.readers.importing.domain.piece_outcome import PieceOutcome, Verdict, outcome_of
from newsletter.readers.importing.domain.pieces import Plan, Span, part_of_file
from newsletter.readers.importing.domain.reasons import DONE, REASONS
from newsletter.readers.importing.domain.rows import Refusal, RowReading
from newsletter.readers.importing.ports import ListImportPorts
from newsletter.readers.importing.progress import change, close_import, plan_of
from newsletter.readers.jobs.import_subscribers import LARGEST_IMPORT, import_subscribers

PATIENCE = (1, 2, 4, 8, 16)
"""Seconds to wait for a busy database, one after the other, before the whole piece is left to come again: a message
that failed is hidden for half an hour."""


def run_piece(
    import_id: str, attempt: int, piece: int, *, ports: ListImportPorts, seal_key: str, now: datetime
) -> ListImport | None:
    """Judge the rows of one piece, write the people if this is a run, and count what became of them.

    The same message twice, at once or later, or one that is cut off anywhere, counts no row twice and doubles nobody:
    people are written only where there is no record, what became of them is written down once, and an account takes
    each piece once. Whoever adds the last piece ends the whole.

    Returns:
        The import as it stands then; None if the message has nothing to do any more.

    Raises:
        StoreBusyError: Deliver the message again.
    """
    list_import = ports.imports.get(import_id)
    if list_import is None or list_import.attempt != attempt:
        return None
    if list_import.is_at(attempt) and piece in list_import.missing:
        try:
            outcome = _outcome(list_import, piece, ports, seal_key)
        except InvalidListError as exc:
            return _refused(import_id, attempt, str(exc), ports, now)
        stored = ports.files.put_once(outcome_key(import_id, attempt, piece), outcome.to_json())
        counts = PieceOutcome.from_json(stored).counts
        ports.imports.account(import_id, attempt=attempt, piece=piece, row_counts=counts)
        list_import = ports.imports.get(import_id)
    if list_import is not None and list_import.is_whole and list_import.attempt == attempt:
        close_import(list_import, imports=ports.imports, list_files=ports.files, now=now)
    return list_import


def _refused(import_id: str, attempt: int, sentence: str, ports: ListImportPorts, now: datetime) -> ListImport | None:
    def rule(before: ListImport) -> ListImport:
        return refused(before, sentence, now=now) if before.attempt == attempt else before

    return change(ports.imports, import_id, rule)


def _outcome(list_import: ListImport, piece: int, ports: ListImportPorts, seal_key: str) -> PieceOutcome:
    plan = plan_of(list_import, ports.files)
    if plan is None:
        raise list_fault(ListFault.REPLACED)
    span = plan.spans[piece]
    reader_fields = ports.reader_fields()
    columns = find_columns(plan.first_cells, list_import.mapped, reader_fields)
    reading = RowReading(columns, ports.addresses, list_import.vouched, reader_fields)
    repeated = frozenset(span.repeated)
    read: list[tuple[Record, Row | Refusal]] = []
    for record in _records(list_import, plan, span, ports):
        row = reading.row(record)
        if record.line in repeated and isinstance(row, Row):
            row = Refusal("repeated", REASONS["repeated"])
        read.append((record, row))
    imported = _imported([row for _, row in read if isinstance(row, Row)], list_import, ports, seal_key)
    return outcome_of(_verdicts(read, imported))


def _records(list_import: ListImport, plan: Plan, span: Span, ports: ListImportPorts) -> Iterator[Record]:
    key, etag = upload_key(list_import.import_id), list_import.etag
    first_bytes = ports.files.part(key, etag, begin=0, end=4)
    piece_bytes = ports.files.part(key, etag, begin=span.begin, end=span.end)
    return part_of_file(piece_bytes, span, plan, first_bytes=first_bytes)


def _verdicts(read: Sequence[tuple[Record, Row | Refusal]], imported: Iterator[Imported]) -> Iterator[Verdict]:
    for record, row in read:
        if isinstance(row, Refusal):
            yield row.word, row.sentence, record.line, record.cells
        else:
            word = next(imported)
            yield str(word), "" if word in DONE else REASONS[word], record.line, record.cells


def _imported(
    rows: Sequence[Row], list_import: ListImport, ports: ListImportPorts, seal_key: str
) -> Iterator[Imported]:
    for start in range(0, len(rows), LARGEST_IMPORT):
        yield from _patiently(rows[start : start + LARGEST_IMPORT], list_import, ports, seal_key)


def _patiently(
    rows: Sequence[Row], list_import: ListImport, ports: ListImportPorts, seal_key: str
) -> Sequence[Imported]:
    assert list_import.began_at is not None  # noqa: S101 - of every check and run
    for seconds in (*PATIENCE, None):
        try:
            return import_subscribers(
                rows,
                ports=ports.people,
                seal_key=seal_key,
                keep_out=list_import.keep_out,
                dry_run=not list_import.running,
                now=list_import.began_at,
            )
        except StoreBusyError:
            if seconds is None:
                raise
            ports.clock.sleep(seconds)
    raise AssertionError("the last try returns or raises")
