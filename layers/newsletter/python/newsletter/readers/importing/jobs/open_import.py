"""Making a place for a file that somebody wants to import."""

from __future__ import annotations

from datetime import datetime

from newsletter.core.text import one_line
from newsletter.core.upload_form import UploadForm
from newsletter.readers.importing.domain.list_import import LARGEST_UPLOAD, ListImport
from newsletter.readers.importing.domain.list_keys import upload_key
from newsletter.readers.importing.ports import ImportDeskPorts

LONGEST_FILE_NAME = 120


def open_import(
    import_id: str, *, file_name: str, started_by: str, back_to: str, ports: ImportDeskPorts, now: datetime
) -> UploadForm:
    """Remember that somebody imports, and return the form that takes their file straight to S3.

    Args:
        import_id: New, of random hexadecimal digits.
        file_name: As they call the file; empty where it is not known yet.
        started_by: Who they are.
        back_to: The page that the browser is sent to with the file at its place; empty for none.
        ports: What somebody who imports touches.
        now: The moment.
    """
    name = one_line(file_name)[:LONGEST_FILE_NAME]
    ports.imports.add(ListImport(import_id=import_id, file_name=name, started_by=started_by, uploaded_at=now))
    return ports.doors.upload_form(upload_key(import_id), most=LARGEST_UPLOAD, back_to=back_to)
