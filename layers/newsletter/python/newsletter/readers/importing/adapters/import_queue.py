"""Work on imports that waits, on SQS.

Shapes: {"describe": <import>}; {"plan": <import>, "attempt"}; {"import", "attempt", "piece"}.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.aws.queue import SqsQueue, message_fields, message_json
from newsletter.errors import MalformedMessageError
from newsletter.readers.importing.domain.list_keys import ID


@dataclass(frozen=True, slots=True)
class ImportTask:
    """What a message asks for."""

    verb: str
    """`describe`, `plan` or `import`."""
    import_id: str
    attempt: int = 0
    piece: int = 0


class SqsImportQueue:
    """Writes the messages."""

    def __init__(self, queue: SqsQueue) -> None:
        self._queue = queue

    def describe(self, import_id: str) -> None:
        """Ask for a look at an upload."""
        self._queue.put([{"describe": import_id}])

    def plan(self, import_id: str, attempt: int) -> None:
        """Ask for the pieces of a check or run to be queued."""
        self._queue.put([{"plan": import_id, "attempt": str(attempt)}])

    def pieces(self, import_id: str, attempt: int, numbers: Sequence[int]) -> None:
        """Ask for some pieces of a check or run."""
        said = {"import": import_id, "attempt": str(attempt)}
        self._queue.put([{**said, "piece": str(number)} for number in numbers])


FIELDS = {"describe": (), "plan": ("attempt",), "import": ("attempt", "piece")}
"""What a message says besides the id under its verb."""


def read_import_task(body: str) -> ImportTask:
    """Return what a message asks for.

    Raises:
        MalformedMessageError: Not one of our messages.
    """
    said = message_json(body)
    verb = next((each for each in FIELDS if isinstance(said, dict) and each in said), "describe")
    fields = message_fields(body, verb, *FIELDS[verb])
    numbers = [fields.get(name, "0") for name in ("attempt", "piece")]
    if not (ID.fullmatch(fields[verb]) and all(map(str.isdecimal, numbers))):
        raise MalformedMessageError("the message names no import or number that we know")
    return ImportTask(verb, fields[verb], *map(int, numbers))
