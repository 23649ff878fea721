"""Giving out the whole list, or all suppressions, as a file that lies ready for a day."""

from __future__ import annotations

from newsletter.readers.importing.domain.export_rows import OF_SUPPRESSIONS, headings_of_people
from newsletter.readers.importing.domain.list_keys import export_key
from newsletter.readers.importing.export_lines import people_rows, suppression_rows, table_lines
from newsletter.readers.importing.ports import ExportPorts
from newsletter.readers.importing.progress import CSV


def export_people(export_id: str, *, of_suppressions: bool, ports: ExportPorts) -> bool:
    """Write an export, unless a message of the same id has done so; return whether it was written now.

    Raises:
        StoreBusyError: Nothing was written; deliver the message again.
    """
    key = export_key(export_id)
    if ports.files.look(key) is not None:
        return False
    if of_suppressions:
        lines = table_lines(suppression_rows(ports.whole_suppressions, ports.subscribers), OF_SUPPRESSIONS)
    else:
        lines = table_lines(people_rows(ports.whole_list), headings_of_people(ports.reader_fields()))
    ports.files.put(key, (each.encode("utf-8", "replace") for each in lines), content_type=CSV)
    return True
