"""Looking at an upload: what kind of file it is, which columns it has, and how many rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, islice

from newsletter.core.reader_fields.reader_field import ReaderField
from newsletter.errors import InvalidListError
from newsletter.readers.importing.domain.columns import Columns, find_columns
from newsletter.readers.importing.domain.csv_records import Record
from newsletter.readers.importing.domain.csv_text import inspect_text
from newsletter.readers.importing.domain.description import ROWS_SHOWN, Description
from newsletter.readers.importing.domain.list_faults import ListFault, list_fault
from newsletter.readers.importing.domain.list_import import (
    LARGEST_UPLOAD,
    MOST_ROWS,
    ImportState,
    ListImport,
    refused,
)
from newsletter.readers.importing.domain.list_keys import description_key, upload_key
from newsletter.readers.importing.domain.pieces import whole_file
from newsletter.readers.importing.ports import ListImportPorts, StoredList
from newsletter.readers.importing.progress import change


def describe_upload(import_id: str, *, ports: ListImportPorts, now: datetime) -> ListImport | None:
    """Read an upload twice, in bounded memory, and write down what it looks like; a repeated message does the same.

    Returns:
        The import as it stands then; None where there is none, or no file yet.

    Raises:
        StoreBusyError: Deliver the message again.
    """
    list_import, stored = ports.imports.get(import_id), ports.files.look(upload_key(import_id))
    if list_import is None or stored is None or not list_import.may_be_read:
        return None
    try:
        description = _described(list_import, stored, ports)
    except InvalidListError as exc:
        sentence = str(exc)
        return change(
            ports.imports,
            import_id,
            lambda before: refused(before, sentence, now=now) if before.may_be_read else before,
        )
    ports.files.put(description_key(import_id), [description.to_json()], content_type="application/json")

    def rule(before: ListImport) -> ListImport:
        if not before.may_be_read:
            return before
        rows = description.rows
        return replace(before, state=ImportState.READ, etag=stored.etag, rows=rows, problem="", ended_at=None)

    return change(ports.imports, import_id, rule)


def _described(list_import: ListImport, stored: StoredList, ports: ListImportPorts) -> Description:
    if stored.size > LARGEST_UPLOAD:
        raise list_fault(ListFault.TOO_LARGE, megabytes=str(LARGEST_UPLOAD >> 20))

    def chunks() -> Iterator[bytes]:
        return ports.files.chunks(upload_key(list_import.import_id), stored.etag)

    text = inspect_text(chunks(), guess=ports.guess, encoding=list_import.encoding)
    found = whole_file(chunks(), encoding=text.encoding, delimiter=text.delimiter, size=text.size)
    first = next(found, None)
    if first is None or first.fault:
        raise list_fault(ListFault.UNREADABLE_HEADINGS)
    columns, problem = _columns(first, ports.reader_fields())
    headed = not any("@" in cell for cell in first.cells)
    rows = found if headed else chain([first], found)
    shown = list(islice(rows, ROWS_SHOWN))
    count, damaged = _counted(chain(shown, rows))
    return Description(
        encoding=text.encoding,
        delimiter=text.delimiter,
        words=text.words,
        size=text.size,
        rows=count,
        damaged=damaged,
        vendor=columns.vendor.name if columns else "",
        first_cells=tuple(first.cells),
        headings=tuple(first.cells) if headed else (),
        columns=columns.numbers() if columns else {},
        problem=problem,
        first_rows=tuple(tuple(record.cells) for record in shown),
    )


def _columns(first: Record, reader_fields: Sequence[ReaderField]) -> tuple[Columns | None, str]:
    """Return the columns as far as they are found out, or why they are not."""
    try:
        return find_columns(first.cells, {}, reader_fields), ""
    except InvalidListError as exc:
        return None, str(exc)


def _counted(rows: Iterator[Record]) -> tuple[int, int]:
    count = damaged = 0
    for record in rows:
        count += 1
        damaged += bool(record.fault)
        if count > MOST_ROWS:
            raise list_fault(ListFault.TOO_MANY_ROWS, rows=f"{MOST_ROWS:,}")
    if not count:
        raise list_fault(ListFault.NOBODY)
    return count, damaged
