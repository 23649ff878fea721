"""Where somebody goes on to once they are signed in."""

from __future__ import annotations

HOME = "/desk/"


def next_page(asked: str) -> str:
    """Return a page of the desk, whatever a link asks for."""
    plain = all(letter.isascii() and (letter.isalnum() or letter in "/_.-") for letter in asked)
    return asked if asked.startswith(HOME) and "//" not in asked and plain else HOME
