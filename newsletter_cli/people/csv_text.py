"""What kind of text a CSV file on this machine is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from newsletter.readers.importing.adapters.encoding_guess import guessed_encoding
from newsletter.readers.importing.domain.csv_text import CsvText, inspect_text
from newsletter_cli.people.list_faults import in_our_words
from newsletter_cli.problems import CommandError

CHUNK = 1 << 20


def inspect(path: Path, *, encoding: str = "") -> CsvText:
    """Read a file once, in pieces, and return how to read it.

    Raises:
        CommandError: It cannot be read, or holds nothing.
        UsageError: There is no such encoding, or the file is not in it.
    """
    try:
        with path.open("rb") as file, in_our_words(path):
            return inspect_text(_chunks(file), guess=guessed_encoding, encoding=encoding)
    except OSError as exc:
        raise CommandError(f"{path} cannot be read: {exc.strerror or 'unknown reason'}.") from exc


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk
