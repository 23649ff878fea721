"""Cursors: where the next page of a list begins, in a form that programs hand back and do not read."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from newsletter.control.api.problems import FieldFault, invalid

LONGEST = 400
"""Characters. The longest position is a day and a slug."""


def cursor_of(list_name: str, *position: str) -> str:
    """Return the cursor behind a position of a list."""
    return urlsafe_b64encode(json.dumps([list_name, *position]).encode()).decode().rstrip("=")


def position_of(cursor: str, list_name: str, length: int) -> tuple[str, ...]:
    """Return the position that a cursor stands for; an empty cursor is the beginning, with empty texts.

    It is not signed: whoever makes up one begins elsewhere in a list that they may read anyway.

    Raises:
        ProblemError: It is none of this list.
    """
    if not cursor:
        return ("",) * length
    try:
        position = json.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
    except ValueError:
        position = None
    fits = isinstance(position, list) and len(position) == length + 1 and position[0] == list_name
    # Each of ours is a day, a slug or an id; what the database cannot be asked for is none.
    if not fits or not all(isinstance(each, str) and each.isascii() and each.isprintable() for each in position):
        raise invalid(FieldFault("cursor", "should be `next` of the page before"))
    return tuple(position[1:])
