"""Short ways to say what a check found."""

from __future__ import annotations

from newsletter.issues.checking.preflight_codes import CODES
from newsletter.issues.domain.preflight import Finding, Level

LONGEST_QUOTE = 60
"""Characters of an author's words in a message; enough to know them again."""


def error(code: str, message: str, remedy: str, line: int | None = None) -> Finding:
    """Return something that must be mended."""
    return Finding(Level.ERROR, CODES[code].check, message, remedy, line, code)


def warning(code: str, message: str, remedy: str, line: int | None = None) -> Finding:
    """Return something that a person should look at."""
    return Finding(Level.WARNING, CODES[code].check, message, remedy, line, code)


def quoted(text: str) -> str:
    """Return an author's words as part of a sentence, shortened."""
    words = " ".join(text.split())
    return f"“{words if len(words) <= LONGEST_QUOTE else words[: LONGEST_QUOTE - 1].rstrip() + '…'}”"
