"""Beginning a dry run: what would become of every row, with these columns and this evidence."""

from __future__ import annotations

from datetime import datetime

from newsletter.readers.importing.domain.columns import find_columns
from newsletter.readers.importing.domain.list_import import Choices, ListImport, checked_anew
from newsletter.readers.importing.domain.rows import check_evidence
from newsletter.readers.importing.ports import ImportDeskPorts
from newsletter.readers.importing.progress import change, description_of


def check_import(
    import_id: str, import_choices: Choices, *, ports: ImportDeskPorts, now: datetime
) -> ListImport | None:
    """Begin a dry run, unless people are being written already; nobody is written by it.

    Returns:
        The import as it stands then; None where there is none, or nobody has looked at its file yet.

    Raises:
        InvalidListError: Nobody could be imported like that; it says what has to be said.
        StoreBusyError: Try again.
    """
    description = description_of(import_id, ports.files)
    if description is None:
        return None
    columns = find_columns(description.first_cells, import_choices.mapped, ports.reader_fields())
    check_evidence(columns, import_choices.vouched)

    def rule(before: ListImport) -> ListImport:
        return checked_anew(before, import_choices, now=now) if before.may_be_checked else before

    list_import = change(ports.imports, import_id, rule)
    if list_import is not None and list_import.is_at(list_import.attempt) and not list_import.running:
        ports.import_queue.plan(import_id, list_import.attempt)
    return list_import
