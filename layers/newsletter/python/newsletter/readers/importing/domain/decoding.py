"""From the bytes of a file to its lines, with a way back: how many bytes of the file a line took."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

WIDE = ("utf-16", "utf-32")

ESCAPED = re.compile("[\ud800-\udfff]")
"""What stands in a text for a byte that no letter of its encoding has."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """How the bytes of one file become text, from any line on.

    A byte that is no letter is kept apart while lines are measured, and shown as �: the offsets of lines must fit the
    file, whatever stands in it.
    """

    encoding: str
    """As `inspect_text` found it; one with a mark says how many bytes that takes."""
    first_bytes: bytes = b""
    """Of the file: they say which of two byte orders is meant."""
    size: int = 0
    """Of all that is to be read, behind the mark. Units: bytes; 0 where nobody has to know."""

    @property
    def mark(self) -> int:
        """How many bytes before the first line are no text."""
        if self.encoding == "utf-8-sig":
            return len(codecs.BOM_UTF8) * self.first_bytes.startswith(codecs.BOM_UTF8)
        return {"utf-16": 2, "utf-32": 4}.get(self.encoding, 0)

    @property
    def codec(self) -> str:
        """The encoding without a mark."""
        if self.encoding == "utf-8-sig":
            return "utf-8"
        if self.encoding in WIDE:
            little = self.first_bytes.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF32_LE))
            return f"{self.encoding}-{'le' if little else 'be'}"
        return self.encoding

    @property
    def errors(self) -> str:
        """What becomes of bytes that are no letter. UTF-16 and UTF-32 have a � that is as long as what it replaces."""
        return "replace" if self.encoding.startswith(WIDE) else "surrogateescape"

    def lines_of(self, raw: io.RawIOBase) -> io.TextIOWrapper:
        """Return the text of bytes that begin with a line, behind the mark."""
        buffered = io.BufferedReader(raw, 1 << 18)
        return io.TextIOWrapper(buffered, encoding=self.codec, errors=self.errors, newline="")

    def measure(self, text: str) -> int:
        """Return how many bytes of the file this text took."""
        return len(text) if text.isascii() and not self.encoding.startswith(WIDE) else self._long(text)

    def _long(self, text: str) -> int:
        return len(text.encode(self.codec, self.errors))


def tidy(text: str) -> str:
    """Return a text in which a byte that was no letter is a �."""
    return text if text.isascii() else ESCAPED.sub("\ufffd", text)


class ChunkReader(io.RawIOBase):
    """Some chunks of bytes as a file, so that a text of any length is read in bounded memory."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill a buffer, as io.BufferedReader asks for it."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = chunk
        taken, self._rest = self._rest[: len(view)], self._rest[len(view) :]
        view[: len(taken)] = taken
        return len(taken)
