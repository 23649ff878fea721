"""Text that strangers typed, made fit for one line."""

from __future__ import annotations

import re
import unicodedata


def one_line(text: str) -> str:
    """Return the text without control or direction-changing characters, each run of space as one space."""
    if text.isascii() and text.isprintable():  # most names, and many times as fast
        return " ".join(text.split())
    return " ".join("".join(each for each in without_line_breaks(text) if each not in _DIRECTION).split())


def without_line_breaks(text: str) -> str:
    """Return the text with a space for each line break and each other control character, and otherwise as it is.

    For what an editor wrote: a no-break space or a mark that turns a word round is meant to stay.
    """
    if text.isprintable():
        return text
    spaced = text.replace("\r\n", "\n")
    return "".join(" " if unicodedata.category(each) in {"Cc", "Zl", "Zp"} else each for each in spaced)


_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""A name that turns the rest of the line round would change the sentence it stands in."""


LONGEST_NAME = 80
"""A longer name is an advertisement, and would be carried to a stranger's mailbox by our confirmation mail."""


LOOKS_LIKE_A_LINK = re.compile(r"https?:|www\.|@|\w\.\w{2,}(?:/|\b)", re.IGNORECASE)
"""Dr. J. Smith passes; cheap-pills.example does not."""


def masked(email: str) -> str:
    """Return an address as it may be repeated on a screen: enough to see a slip of the finger, or whose it is."""
    local, _, domain = email.strip().rpartition("@")
    return f"{local[:1]}…@{domain}" if local else "…"
