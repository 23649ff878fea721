"""The fields of a draft, as a form shows and changes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from newsletter.errors import ProblemLike

FieldValue = str | tuple[str, ...]
"""One text, or the items of a list."""


@dataclass(frozen=True, slots=True)
class DraftFields:
    """What the front matter of a draft says, and what of it cannot be read."""

    values: Mapping[str, FieldValue] = field(default_factory=dict)
    """By the name of the field, in the order of the file; fields that an issue does not have are left out."""
    body: str = ""
    """The text below the front matter."""
    problems: tuple[ProblemLike, ...] = ()


class FrontMatterForm(Protocol):
    """Reads and changes the fields of a draft, and nothing else of it."""

    def read(self, text: str) -> DraftFields:
        """Return the fields of a draft, its body, and what of the fields cannot be read."""
        ...

    def changed(self, text: str, field_values: Mapping[str, FieldValue | None]) -> str:
        """Return the draft with these fields; order, remarks and all other fields stay as they were typed.

        Args:
            text: The whole draft.
            field_values: What the fields shall say; None, an empty text or list takes a field away.

        Raises:
            InvalidIssueError: What stands there cannot be read, so nobody can say what would be changed.
        """
        ...
