"""Text that strangers typed, made fit for one line."""

from __future__ import annotations

import re
import unicodedata


def one_line(text: str) -> str:
    """Return the text without control or direction-changing characters, each run of space as one space."""
    if text.isascii() and text.isprintable():  # most names, and many times as fast
        return " ".join(text.split())
    visible = "".join(
        " " if unicodedata.category(character) in {"Cc", "Zl", "Zp"} else character
        for character in text
        if character not in _DIRECTION
    )
    return " ".join(visible.split())


_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""A name that turns the rest of the line round would change the sentence it stands in."""


LONGEST_NAME = 80
"""A longer name is an advertisement, and would be carried to a stranger's mailbox by our confirmation mail."""


LOOKS_LIKE_A_LINK = re.compile(r"https?:|www\.|@|\w\.\w{2,}(?:/|\b)", re.IGNORECASE)
"""Dr. J. Smith passes; cheap-pills.example does not."""
