"""What an import could not take: each record with line and reason, to be mended and tried again."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path

from newsletter.readers.importing.domain.columns import OF_REJECTS, Columns
from newsletter.readers.importing.domain.formula import guarded


class Rejects:
    """A CSV file that only its owner can read; made when the first record comes."""

    def __init__(self, path: Path, columns: Columns, *, keep: int) -> None:
        """Continue a file, or begin it.

        Args:
            path: Where it stands.
            columns: Of the file that is imported; its headings are repeated, so that this file can be imported too.
            keep: Bytes that are accounted for; the rest was written by a run that was killed, and comes again.
        """
        self.path = path
        self.size = min(keep, path.stat().st_size) if path.exists() else 0
        self._headings = [*OF_REJECTS, *map(guarded, columns.names())]
        if self.size:
            os.truncate(path, self.size)
        else:
            path.unlink(missing_ok=True)

    def write(self, rows: Sequence[tuple[int, str, Sequence[str]]]) -> None:
        """Add records: their line, the reason, their cells."""
        if not rows:
            return
        opened = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with open(opened, "w", encoding="utf-8", newline="", errors="replace") as file:  # noqa: PTH123 - an open file
            writer = csv.writer(file)
            if not self.size:
                writer.writerow(self._headings)
            writer.writerows([line, reason, *map(guarded, cells)] for line, reason, cells in rows)
        self.size = self.path.stat().st_size
