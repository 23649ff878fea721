"""Handing an export to whoever asked for it."""

from __future__ import annotations

from datetime import datetime

from newsletter.readers.importing.domain.list_keys import export_key
from newsletter.readers.importing.ports import ImportDeskPorts


def offer_export(export_id: str, *, ports: ImportDeskPorts, now: datetime) -> str | None:
    """Return an address that works for a few minutes; None while the file is not written yet, or gone again."""
    key = export_key(export_id)
    if ports.files.look(key) is None:
        return None
    return ports.doors.download(key, file_name=f"people-{now:%Y-%m-%d}.csv")
