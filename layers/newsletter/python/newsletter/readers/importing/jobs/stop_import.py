"""Stopping a check or a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from newsletter.readers.importing.domain.list_import import UNDER_WAY, ImportState, ListImport
from newsletter.readers.importing.ports import ImportDeskPorts
from newsletter.readers.importing.progress import change


def stop_import(import_id: str, *, ports: ImportDeskPorts, now: datetime) -> ListImport | None:
    """Begin no further piece; those under way end, and are counted. It can go on later.

    Raises:
        StoreBusyError: Try again.
    """

    def rule(before: ListImport) -> ListImport:
        return replace(before, state=ImportState.STOPPED, ended_at=now) if before.state in UNDER_WAY else before

    return change(ports.imports, import_id, rule)
