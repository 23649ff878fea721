"""Where somebody goes on to once they are signed in."""

from __future__ import annotations

HOME = "/desk/"


def next_page(asked_path: str) -> str:
    """Return a page of the desk, whatever a link asks for."""
    plain = all(letter.isascii() and (letter.isalnum() or letter in "/_.-") for letter in asked_path)
    return asked_path if asked_path.startswith(HOME) and "//" not in asked_path and plain else HOME
