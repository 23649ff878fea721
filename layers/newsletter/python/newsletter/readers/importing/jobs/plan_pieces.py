"""Cutting an upload into pieces, and queueing those that are missing in the account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain

from newsletter.errors import InvalidListError
from newsletter.readers.importing.domain.columns import find_columns
from newsletter.readers.importing.domain.csv_records import Record
from newsletter.readers.importing.domain.description import Description
from newsletter.readers.importing.domain.list_faults import ListFault, list_fault
from newsletter.readers.importing.domain.list_import import PIECE_ROWS, ListImport, refused
from newsletter.readers.importing.domain.list_keys import plan_key, upload_key
from newsletter.readers.importing.domain.pieces import Plan, cut, whole_file
from newsletter.readers.importing.domain.rows import RowReading
from newsletter.readers.importing.ports import ListImportPorts
from newsletter.readers.importing.progress import change, close_import, description_of


def plan_pieces(
    import_id: str, attempt: int, *, ports: ListImportPorts, now: datetime, piece_rows: int = PIECE_ROWS
) -> ListImport | None:
    """Queue the pieces of a check or run; a check cuts the file first. A repeated message queues what is missing.

    Returns:
        The import as it stands then; None if the message is of an earlier attempt, or there is no such import.

    Raises:
        StoreBusyError: Deliver the message again.
    """
    list_import = ports.imports.get(import_id)
    if list_import is None or not list_import.is_at(attempt):
        return None
    if not list_import.pieces:
        try:
            plan = _plan(list_import, ports, piece_rows)
        except InvalidListError as exc:
            sentence = str(exc)
            return change(
                ports.imports,
                import_id,
                lambda before: refused(before, sentence, now=now) if before.attempt == attempt else before,
            )
        ports.files.put(plan_key(import_id, attempt), [plan.to_json()], content_type="application/json")

        def rule(before: ListImport) -> ListImport:
            if before.attempt != attempt:
                return before
            return replace(before, planned=attempt, pieces=len(plan.spans), rows=plan.rows)

        list_import = change(ports.imports, import_id, rule)
    if list_import is None or not list_import.is_at(attempt):
        return list_import
    if list_import.is_whole:
        close_import(list_import, imports=ports.imports, list_files=ports.files, now=now)
    ports.import_queue.pieces(import_id, attempt, list_import.missing)
    return list_import


def _plan(list_import: ListImport, ports: ListImportPorts, piece_rows: int) -> Plan:
    description = description_of(list_import.import_id, ports.files)
    if description is None:
        raise list_fault(ListFault.REPLACED)
    reader_fields = ports.reader_fields()
    columns = find_columns(description.first_cells, list_import.mapped, reader_fields)
    reading = RowReading(columns, ports.addresses, list_import.vouched, reader_fields)
    rows = _whole(list_import, description, ports)
    first = next(rows)
    spans = cut(
        rows if columns.headings else chain([first], rows), reading.row, size=description.size, piece_rows=piece_rows
    )
    return Plan(description.first_cells, description.encoding, description.delimiter, spans, description.rows)


def _whole(list_import: ListImport, description: Description, ports: ListImportPorts) -> Iterator[Record]:
    chunks = ports.files.chunks(upload_key(list_import.import_id), list_import.etag)
    return whole_file(chunks, encoding=description.encoding, delimiter=description.delimiter, size=description.size)
