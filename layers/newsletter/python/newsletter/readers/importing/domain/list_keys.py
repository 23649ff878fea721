"""Where an upload, what was found out about it, and an export lie in the content bucket."""

from __future__ import annotations

import re

FOLDER = "imports/"
EXPORTS = "exports/"

ID = re.compile(r"[0-9a-f]{16,32}")
"""Ids are random hexadecimal digits: nobody guesses one, and none leads elsewhere."""


def upload_key(import_id: str) -> str:
    """Return where the file of an import lies."""
    return f"{FOLDER}{import_id}.csv"


def description_key(import_id: str) -> str:
    """Return where its first rows lie, as somebody is asked whether its columns are right."""
    return f"{FOLDER}{import_id}/description.json"


def plan_key(import_id: str, attempt: int) -> str:
    """Return where its pieces are listed, as a check cut them."""
    return f"{FOLDER}{import_id}/{attempt}/plan.json"


def outcome_key(import_id: str, attempt: int, piece: int) -> str:
    """Return where it lies what became of a piece."""
    return f"{FOLDER}{import_id}/{attempt}/{piece}.json"


def rejects_key(import_id: str) -> str:
    """Return where the rows lie that could not be imported."""
    return f"{FOLDER}{import_id}-rejects.csv"


def export_key(export_id: str) -> str:
    """Return where an export lies."""
    return f"{EXPORTS}{export_id}.csv"
