"""Beginning the run of an import: from now on, people are written."""

from __future__ import annotations

from datetime import datetime

from newsletter.readers.importing.domain.list_import import ImportState, ListImport, begun
from newsletter.readers.importing.ports import ImportDeskPorts
from newsletter.readers.importing.progress import change


def run_import(import_id: str, attempt: int, *, ports: ImportDeskPorts, now: datetime) -> ListImport | None:
    """Write the people of a list whose dry run somebody has seen.

    Args:
        import_id: Of the import.
        attempt: The check whose account was shown; another one since means that nothing begins.
        ports: What somebody who imports touches.
        now: The moment; everybody who is added signed up then.

    Returns:
        The import as it stands then, running or not; None where there is none.

    Raises:
        StoreBusyError: Try again.
    """

    def rule(before: ListImport) -> ListImport:
        seen = before.state is ImportState.CHECKED and before.attempt == attempt
        return begun(before, now=now) if seen else before

    list_import = change(ports.imports, import_id, rule)
    if list_import is not None and list_import.state is ImportState.RUNNING:
        ports.import_queue.plan(import_id, list_import.attempt)
    return list_import
