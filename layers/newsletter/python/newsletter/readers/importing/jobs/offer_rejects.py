"""Handing the rows that could not be imported to whoever imports."""

from __future__ import annotations

from newsletter.readers.importing.domain.list_keys import rejects_key
from newsletter.readers.importing.ports import ImportDeskPorts


def offer_rejects(import_id: str, *, ports: ImportDeskPorts) -> str | None:
    """Return an address that works for a few minutes; None where there is no such file."""
    list_import, key = ports.imports.get(import_id), rejects_key(import_id)
    if list_import is None or ports.files.look(key) is None:
        return None
    name = list_import.file_name.removesuffix(".csv") or "list"
    return ports.doors.download(key, file_name=f"{name}-rejects.csv")
