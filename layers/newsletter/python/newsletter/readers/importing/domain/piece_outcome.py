"""What became of the rows of one piece, and a file of rejects made of many."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from newsletter.core.stored import known_fields
from newsletter.readers.importing.domain.columns import OF_REJECTS, Columns
from newsletter.readers.importing.domain.formula import guarded


@dataclass(frozen=True, slots=True)
class PieceOutcome:
    """The account of one piece, written once: whoever works on the same piece again counts what stands there."""

    counts: Mapping[str, int]
    """Rows by what became of them."""
    rejects: str = ""
    """The rows that changed nothing, as lines of CSV."""

    def to_json(self) -> bytes:
        """Return it as it is kept."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, outcome_json: bytes) -> PieceOutcome:
        """Return what `to_json` wrote."""
        return cls(**known_fields(cls, json.loads(outcome_json)))


Verdict = tuple[str, str, int, Sequence[str]]
"""What became of a row, in a word; why, in a sentence, if it changed nothing; its line; its cells."""


def outcome_of(verdicts: Iterable[Verdict]) -> PieceOutcome:
    """Return the account of some rows."""
    counts: Counter[str] = Counter()
    refused = []
    for word, sentence, line, cells in verdicts:
        counts[word] += 1
        if sentence:
            refused.append([str(line), sentence, *cells])
    return PieceOutcome(dict(counts), csv_lines(refused))


def rejects_headings(columns: Columns) -> str:
    """Return the first line of a file of rejects: that of the import, so that it can be imported itself."""
    return csv_lines([[*OF_REJECTS, *columns.names()]])


def csv_lines(csv_table: Iterable[Sequence[str]]) -> str:
    """Return some rows as CSV, with no cell that a spreadsheet would run."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([guarded(cell) for cell in row] for row in csv_table)
    return text.getvalue()
