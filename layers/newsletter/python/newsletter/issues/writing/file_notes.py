"""Type and size after a link to a file, so that nobody opens 40 MB on a train: "PDF, 1.2 MB"."""

from __future__ import annotations

import re
from collections.abc import Callable

from newsletter.core.language import msg
from newsletter.issues.domain.linked_file import LinkedFile

REACH = 60
"""Characters after a link in which its author may have said the same."""

KILOBYTES = msg("%(whole)s KB")
MEGABYTES = msg("%(whole)s MB")
MEGABYTES_AND_TENTHS = msg("%(whole)s.%(tenths)s MB")

FileNote = Callable[[LinkedFile, str, str], str]
"""Returns the note of a file, of the words of its link, and of the words after them."""

Say = Callable[..., str]

SIZE = re.compile(r"\d\s?(?:[KMGkmg]i?[BbOo]\b|[Bb]ytes\b|octets\b)")
"""A size as people write it, in the languages we speak."""

BRACKETS = re.compile(r"\s*[(\[]([^)\]]*)")


def no_note(linked_file: LinkedFile, words: str, after: str) -> str:  # noqa: ARG001 - the signature of a note
    """Return nothing: for an issue without files."""
    return ""


def file_note(linked_file: LinkedFile, words: str, after: str, *, say_in: Say, lang: str) -> str:
    """Return type and size in brackets, without what the author wrote in the link or in brackets right after it.

    Args:
        linked_file: What the link leads to.
        words: Of the link.
        after: What follows it.
        say_in: Says a sentence of the catalogue in a language.
        lang: Of the issue.
    """
    brackets = BRACKETS.match(after)
    said = f"{words} {brackets[1] if brackets else ''}"
    parts = []
    if not re.search(rf"\b{linked_file.kind}\b", said, re.IGNORECASE):
        parts.append(linked_file.kind)
    if not SIZE.search(said):
        parts.append(size_in_words(linked_file.weight, say_in=say_in, lang=lang))
    return f"({', '.join(parts)})" if parts else ""


def size_in_words(weight: int, *, say_in: Say, lang: str) -> str:
    """Return a size as people write it, one number and a unit that no line break parts. Units: bytes."""
    if weight < 999_500:
        size = say_in(KILOBYTES, lang=lang, whole=max(1, round(weight / 1_000)))
    elif weight < 9_950_000:
        whole, tenths = divmod(round(weight / 100_000), 10)
        size = say_in(MEGABYTES_AND_TENTHS if tenths else MEGABYTES, lang=lang, whole=whole, tenths=tenths)
    else:
        size = say_in(MEGABYTES, lang=lang, whole=round(weight / 1_000_000))
    return size.replace(" ", "\u00a0")


def described(linked_file: LinkedFile) -> str:
    """Return the file for its editors: name, type and size, in English."""

    def say_in(message: str, *, lang: str, **values: object) -> str:  # noqa: ARG001 - the signature of a catalogue
        return message % values

    size = size_in_words(linked_file.weight, say_in=say_in, lang="en")
    return f"{linked_file.path.split('/', 2)[2]} ({linked_file.kind}, {size})"
