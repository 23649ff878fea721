"""Exports that are to be written, on SQS: in the queue of reports, whose function may read the whole list anyway.

Shape: {"export": id, "of": "people" or "suppressions"}.
"""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.aws.queue import SqsQueue, message_fields, message_json
from newsletter.errors import MalformedMessageError
from newsletter.readers.importing.domain.list_keys import ID

PEOPLE, SUPPRESSIONS = "people", "suppressions"


@dataclass(frozen=True, slots=True)
class ExportTask:
    """What a message asks for."""

    export_id: str
    of_suppressions: bool


class SqsExportQueue:
    """Writes the messages."""

    def __init__(self, queue: SqsQueue) -> None:
        self._queue = queue

    def export(self, export_id: str, *, of_suppressions: bool) -> None:
        """Ask for the whole list, or for all suppressions, as a file."""
        self._queue.put([{"export": export_id, "of": SUPPRESSIONS if of_suppressions else PEOPLE}])


def read_export(body: str) -> ExportTask | None:
    """Return the export that a message asks for; None if it asks for something else.

    Raises:
        MalformedMessageError: It asks for an export, and not for one that we know.
    """
    said = message_json(body)
    if not isinstance(said, dict) or "export" not in said:
        return None
    fields = message_fields(body, "export", "of")
    if not ID.fullmatch(fields["export"]) or fields["of"] not in (PEOPLE, SUPPRESSIONS):
        raise MalformedMessageError("the message asks for no export that we know")
    return ExportTask(fields["export"], fields["of"] == SUPPRESSIONS)
