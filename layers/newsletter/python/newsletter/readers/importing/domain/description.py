"""What a file looks like, for the person who has to say whether its columns are right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from newsletter.core.stored import known_fields

ROWS_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A look at an upload. It holds the addresses of its first rows, and lies beside the file."""

    encoding: str
    delimiter: str
    words: tuple[str, ...] = ()
    """Some that show whether the encoding was guessed rightly, where it was guessed."""
    size: int
    """Units: bytes."""
    rows: int
    """Without the headings and blank lines."""
    damaged: int = 0
    """Those of them that cannot be read."""
    vendor: str = ""
    """The system whose export this is; `plain` where it is nobody's."""
    first_cells: tuple[str, ...] = ()
    """Of the first line: the headings, or the first row."""
    headings: tuple[str, ...] = ()
    """Empty where the file has none."""
    columns: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Positions of columns, from 1, by field, as they were found out."""
    problem: str = ""
    """Why the columns could not be found out, in which case they have to be said."""
    first_rows: tuple[tuple[str, ...], ...] = ()

    def to_json(self) -> bytes:
        """Return it as it is kept."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, description_json: bytes) -> Description:
        """Return what `to_json` wrote."""
        plain = known_fields(cls, json.loads(description_json))
        for name in ("words", "first_cells", "headings"):
            plain[name] = tuple(plain.get(name, ()))
        plain["columns"] = {each: tuple(places) for each, places in plain.get("columns", {}).items()}
        plain["first_rows"] = tuple(tuple(row) for row in plain.get("first_rows", ()))
        return cls(**plain)
