"""Which older encoding some bytes are in, by charset-normalizer."""

from __future__ import annotations

from charset_normalizer import from_bytes

USUAL = "cp1252"
"""What spreadsheets of Western Europe still write; it holds all of Latin-1 that anybody types.

It is taken wherever it makes words: a few letters do not tell it from Windows-1250, so the words are shown.
"""
OTHERS = ["cp1250", "cp1251", "cp1253", "cp1254", "mac_roman"]


def guessed_encoding(odd: bytes) -> str:
    """Return the encoding that makes the most sense of these bytes, none of which is UTF-8."""
    if from_bytes(odd, cp_isolation=[USUAL]).best() is not None:
        return USUAL
    best = from_bytes(odd, cp_isolation=OTHERS).best()
    return best.encoding if best is not None else USUAL
