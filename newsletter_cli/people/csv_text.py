"""What kind of text a CSV file is: its encoding, its delimiter, how many lines, and a fingerprint of all of it."""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from newsletter_cli.problems import CommandError, UsageError

CHUNK = 1 << 20
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

USUAL = "cp1252"
"""What spreadsheets of Western Europe still write; it holds all of Latin-1 that anybody types.

It is taken wherever it makes words: a few letters do not tell it from Windows-1250, so the words are shown.
"""
OTHERS = ["cp1250", "cp1251", "cp1253", "cp1254", "mac_roman"]
WORDS = 3
"""Words with letters that are not ASCII, for a person to check."""


@dataclass(frozen=True, slots=True)
class CsvText:
    """How to read one file."""

    path: Path
    encoding: str
    delimiter: str
    lines: int
    """An upper bound of its records: a record may take several lines."""
    fingerprint: str
    """SHA-256 of the bytes."""
    words: tuple[str, ...] = ()
    """Some that show whether the encoding was guessed rightly, where it was guessed."""


def inspect(path: Path, *, encoding: str = "") -> CsvText:
    """Read a file once, in pieces, and return how to read it.

    Raises:
        CommandError: It cannot be read, or holds nothing.
        UsageError: There is no such encoding, or the file is not in it.
    """
    known = _named(encoding) if encoding else ""
    digest, lines, utf8, odd, first = hashlib.sha256(), 0, codecs.getincrementaldecoder("utf-8")(), b"", b""
    is_utf8, last = True, b""
    try:
        with path.open("rb") as file:
            while piece := file.read(CHUNK):
                digest.update(piece)
                lines += piece.count(b"\n")
                first, last = first or piece, piece
                if is_utf8:
                    try:
                        utf8.decode(piece)
                    except UnicodeDecodeError as exc:
                        is_utf8, odd = False, piece[max(0, exc.start - SAMPLE) : exc.start + SAMPLE]
    except OSError as exc:
        raise CommandError(f"{path} cannot be read: {exc.strerror or 'unknown reason'}.") from exc
    if not first.strip():
        raise CommandError(f"{path} is empty.")
    found = known or _marked(first) or ("utf-8" if is_utf8 else _guessed(odd))
    if "utf-16" in found or "utf-32" in found:
        lines = max(1, lines)  # a line feed there is a zero and a ten in either order
    elif b"\0" in first and not known:
        raise CommandError(f"{path} holds zero bytes: is it a spreadsheet, or a ZIP file? Save it as CSV in UTF-8.")
    lines += not last.endswith(b"\n")
    words = tuple(re.findall(r"\w*[^\W\x00-\x7f]\w*", odd.decode(found, "replace"))[:WORDS]) if odd else ()
    return CsvText(path, found, _delimiter(path, found), lines, digest.hexdigest(), words)


def _named(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError as exc:
        raise UsageError(f"There is no encoding {encoding}. Try --encoding cp1252 or --encoding utf-8.") from exc


def _marked(first: bytes) -> str:
    return next((name for mark, name in MARKS if first.startswith(mark)), "") or _utf16_without_mark(first)


def _utf16_without_mark(first: bytes) -> str:
    """Return which UTF-16 has a zero in every second byte of what is mostly ASCII."""
    sample = first[:SAMPLE]
    for name, zeros, others in (("utf-16-le", sample[1::2], sample[::2]), ("utf-16-be", sample[::2], sample[1::2])):
        if zeros.count(0) > 0.9 * max(1, len(zeros)) and not others.count(0):
            return name
    return ""


def _guessed(odd: bytes) -> str:
    if from_bytes(odd, cp_isolation=[USUAL]).best() is not None:
        return USUAL
    best = from_bytes(odd, cp_isolation=OTHERS).best()
    return best.encoding if best is not None else USUAL


def _delimiter(path: Path, encoding: str) -> str:
    """Return the character that makes the most columns of the first line; a comma where none makes two."""
    try:
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            head = next((line for line in iter(lambda: file.readline(SAMPLE), "") if line.strip()), "")
    except UnicodeError as exc:
        raise UsageError(f"{path} is not in {encoding}. Leave out --encoding to have it found out.") from exc
    return max(DELIMITERS, key=lambda each: len(next(csv.reader([head], delimiter=each), [])))
