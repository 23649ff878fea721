"""What kind of text a CSV file is: its encoding, its delimiter, how many lines, and a fingerprint of all of it."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from newsletter.readers.importing.domain.list_faults import ListFault, list_fault

SAMPLE = 1 << 16
"""Bytes around what is not UTF-8 that the older encodings are compared on."""

DELIMITERS = (",", ";", "\t", "|")

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like that of UTF-16, so it is looked for first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

WORDS = 3
"""Words with letters that are not ASCII, for a person to check."""

Guess = Callable[[bytes], str]
"""Returns the encoding that makes the most sense of some bytes that are not UTF-8."""


@dataclass(frozen=True, slots=True)
class CsvText:
    """How to read one file."""

    encoding: str
    delimiter: str
    lines: int
    """An upper bound of its records: a record may take several lines."""
    fingerprint: str
    """SHA-256 of the bytes."""
    size: int
    """Units: bytes."""
    words: tuple[str, ...] = ()
    """Some that show whether the encoding was guessed rightly, where it was guessed."""


def inspect_text(chunks: Iterable[bytes], *, guess: Guess, encoding: str = "") -> CsvText:
    """Read a file once, chunk by chunk, and return how to read it.

    Args:
        chunks: The bytes; the first of them holds the first line.
        guess: Asked where the bytes are no UTF-8 and have no mark.
        encoding: Said by somebody who knows.

    Raises:
        InvalidListError: It holds nothing or no text, there is no such encoding, or the file is not in it.
    """
    known = _named(encoding) if encoding else ""
    digest, lines, size, utf8 = hashlib.sha256(), 0, 0, codecs.getincrementaldecoder("utf-8")()
    is_utf8, odd, first, last = True, b"", b"", b""
    for chunk in chunks:
        digest.update(chunk)
        lines += chunk.count(b"\n")
        size += len(chunk)
        first, last = first or chunk, chunk
        if is_utf8:
            try:
                utf8.decode(chunk)
            except UnicodeDecodeError as exc:
                is_utf8, odd = False, chunk[max(0, exc.start - SAMPLE) : exc.start + SAMPLE]
    if not first.strip():
        raise list_fault(ListFault.EMPTY)
    found = known or _marked(first) or ("utf-8" if is_utf8 else guess(odd))
    if "utf-16" in found or "utf-32" in found:
        lines = max(1, lines)  # a line feed there is a zero and a ten in either order
    elif b"\0" in first and not known:
        raise list_fault(ListFault.NO_TEXT)
    lines += not last.endswith(b"\n")
    words = tuple(re.findall(r"\w*[^\W\x00-\x7f]\w*", odd.decode(found, "replace"))[:WORDS]) if odd else ()
    return CsvText(found, _delimiter(first, found), lines, digest.hexdigest(), size, words)


def _named(encoding: str) -> str:
    try:
        b"".decode(encoding)  # refuses what is a codec and no encoding, such as rot13
        return codecs.lookup(encoding).name
    except LookupError as exc:
        raise list_fault(ListFault.UNKNOWN_ENCODING, encoding=encoding) from exc


def _marked(first: bytes) -> str:
    return next((name for mark, name in MARKS if first.startswith(mark)), "") or _utf16_without_mark(first)


def _utf16_without_mark(first: bytes) -> str:
    """Return which UTF-16 has a zero in every second byte of what is mostly ASCII."""
    sample = first[:SAMPLE]
    for name, zeros, others in (("utf-16-le", sample[1::2], sample[::2]), ("utf-16-be", sample[::2], sample[1::2])):
        if zeros.count(0) > 0.9 * max(1, len(zeros)) and not others.count(0):
            return name
    return ""


def _delimiter(first: bytes, encoding: str) -> str:
    """Return the character that makes the most columns of the first line; a comma where none makes two."""
    file = io.TextIOWrapper(io.BytesIO(first), encoding=encoding, errors="replace", newline="")
    try:
        head = next((line for line in iter(lambda: file.readline(SAMPLE), "") if line.strip()), "")
    except UnicodeError as exc:
        raise list_fault(ListFault.OTHER_ENCODING, encoding=encoding) from exc
    return max(DELIMITERS, key=lambda each: len(next(csv.reader([head], delimiter=each), [])))
