"""Steps of an import that several jobs take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.readers.importing.domain.columns import fields_named_in, find_columns
from newsletter.readers.importing.domain.description import Description
from newsletter.readers.importing.domain.list_import import ListImport, ended
from newsletter.readers.importing.domain.list_keys import description_key, outcome_key, plan_key, rejects_key
from newsletter.readers.importing.domain.piece_outcome import PieceOutcome, rejects_headings
from newsletter.readers.importing.domain.pieces import Plan
from newsletter.readers.importing.ports import ImportStore, ListFiles

CSV = "text/csv; charset=utf-8"


def change(imports: ImportStore, import_id: str, import_rule: Callable[[ListImport], ListImport]) -> ListImport | None:
    """Apply a rule to an import, again and again until nobody else wrote in between; return what stands then.

    Raises:
        StoreBusyError: Not changed; the same call can work later.
    """

    def attempt() -> ListImport | Literal[Race.LOST] | None:
        before = imports.get(import_id)
        if before is None:
            return None
        after = import_rule(before)
        return LOST if after != before and not imports.save(after) else after

    return win(attempt, busy="this import is being changed at the same moment; try again")


def description_of(import_id: str, list_files: ListFiles) -> Description | None:
    """Return what the upload looks like, once it was looked at."""
    found = list_files.read(description_key(import_id))
    return Description.from_json(found) if found is not None else None


def plan_of(list_import: ListImport, list_files: ListFiles) -> Plan | None:
    """Return the pieces of an import, once its file was cut."""
    found = list_files.read(plan_key(list_import.import_id, list_import.planned))
    return Plan.from_json(found) if found is not None else None


def close_import(list_import: ListImport, *, imports: ImportStore, list_files: ListFiles, now: datetime) -> None:
    """End a check or run whose pieces all stand in the account; doing it twice changes nothing.

    Raises:
        StoreBusyError: Not ended; the same call can work later.
    """
    plan = plan_of(list_import, list_files)
    if plan is not None:
        list_files.put(rejects_key(list_import.import_id), _rejects(list_import, plan, list_files), content_type=CSV)

    def rule(before: ListImport) -> ListImport:
        is_open = before.attempt == list_import.attempt and before.is_whole and before.ended_at is None
        return ended(before, now=now) if is_open else before

    change(imports, list_import.import_id, rule)


def _rejects(list_import: ListImport, plan: Plan, list_files: ListFiles) -> Iterator[bytes]:
    mapped = list_import.mapped
    columns = find_columns(plan.first_cells, mapped, fields_named_in(mapped))  # one may be gone since
    yield rejects_headings(columns).encode()
    for piece in range(list_import.pieces):
        found = list_files.read(outcome_key(list_import.import_id, list_import.attempt, piece))
        if found is not None:
            yield PieceOutcome.from_json(found).rejects.encode("utf-8", "replace")
