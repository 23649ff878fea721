"""Asking for a look at an upload."""

from __future__ import annotations

from newsletter.readers.importing.domain.list_import import ListImport, read_again
from newsletter.readers.importing.domain.list_keys import upload_key
from newsletter.readers.importing.ports import ImportDeskPorts
from newsletter.readers.importing.progress import change


def ask_to_read(import_id: str, *, encoding: str = "", ports: ImportDeskPorts) -> bool:
    """Have an upload looked at; return whether there is one.

    Args:
        import_id: Of the import.
        encoding: Said by whoever imports, where it was found out wrongly.
        ports: What somebody who imports touches.

    Raises:
        StoreBusyError: Try again.
    """
    if ports.files.look(upload_key(import_id)) is None:
        return False

    def rule(before: ListImport) -> ListImport:
        return read_again(before, encoding) if before.may_be_read else before

    change(ports.imports, import_id, rule)
    ports.import_queue.describe(import_id)
    return True
