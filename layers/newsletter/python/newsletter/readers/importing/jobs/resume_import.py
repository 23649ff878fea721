"""Going on with a check or a run that was stopped, or whose messages were lost."""

from __future__ import annotations

from newsletter.readers.importing.domain.list_import import ListImport, going_on
from newsletter.readers.importing.ports import ImportDeskPorts
from newsletter.readers.importing.progress import change


def resume_import(import_id: str, *, ports: ImportDeskPorts) -> ListImport | None:
    """Have the pieces queued that do not stand in the account yet; nobody is doubled.

    Raises:
        StoreBusyError: Try again.
    """
    list_import = change(ports.imports, import_id, lambda before: going_on(before) if before.may_go_on else before)
    if list_import is not None and list_import.is_at(list_import.attempt):
        ports.import_queue.plan(import_id, list_import.attempt)
    return list_import
