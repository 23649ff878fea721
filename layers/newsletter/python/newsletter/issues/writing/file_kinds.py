"""The kinds of files that may be published with an issue: one table. What is not in it is not published.

A file is what its first bytes say. Nothing here opens one: a browser is told the type and forbidden to guess another
(`nosniff`), so what matters is that a file is not HTML, SVG or a script under the name of something else, and that a
reader's program can open it. No library is asked: those that guess types know hundreds, and few of these apart.
"""

from __future__ import annotations

import re
import unicodedata
from codecs import getincrementaldecoder
from collections.abc import Callable
from dataclasses import dataclass

from newsletter.errors import InvalidFileError
from newsletter.issues.domain.linked_file import ending_of
from newsletter.issues.domain.upload import OURS

LONGEST_NAME = 200
"""Bytes. S3 takes 1,024 for the whole key, and file systems 255 for a name with what programs add to it."""

TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of writing: with them `fdp.exe` can be shown as `exe.pdf`."""


HEAD = 4096
"""Bytes of a file that are looked at."""

OPEN_XML = "application/vnd.openxmlformats-officedocument"
OPEN_DOCUMENT = "application/vnd.oasis.opendocument"


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file."""

    content_type: str
    begins: Callable[[bytes], bool]
    """Whether a file of this kind can begin with these bytes."""
    shown: bool = False
    """Whether a browser shows or plays it in its window; it saves any other."""
    remedy: str = "Open it in the program that made it and save it again in this format."


def fault_of_name(name: str) -> str:
    """Return why a file of this name cannot be published, as a sentence; nothing if it can."""
    if len(unicodedata.normalize("NFC", name).encode()) > LONGEST_NAME:
        return f"Its name has more than {LONGEST_NAME} bytes."
    if any(
        unicodedata.category(letter) in ("Cc", "Cn", "Co", "Cs", "Zl", "Zp") or letter in TURNING for letter in name
    ):
        return "Its name holds a character that nobody sees."
    if "\\" in name:
        return "Its name holds a backslash, which browsers read as the edge of a folder."
    if any(part.strip(" ") in ("", ".", "..") for part in name.split("/")):
        return "Its name leads to another folder."
    if re.search(r"\s", name.replace(" ", "")) or name != name.strip(" "):
        return "Its name begins or ends with a space, or holds one of an unusual kind."
    if name.endswith(OURS):
        return "Its name is one that we give to lists of findings."
    return ""


def kind_of(name: str) -> FileKind | None:
    """Return the kind of a file by the ending of its name, or None if no such file is published."""
    return KINDS.get(ending_of(name))


def _pdf(head: bytes) -> bool:
    return head.startswith(b"%PDF-")


def _zip(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def _office(folder: bytes) -> Callable[[bytes], bool]:
    """Return the test for a file of Word, Excel or PowerPoint: a ZIP whose first entry is one of theirs.

    Source: ECMA-376, part 2. Programs differ in which of these they write first.
    """
    entries = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"customXml/", folder)

    def begins(head: bytes) -> bool:
        return head.startswith(b"PK\x03\x04") and _first_entry(head).startswith(entries)

    return begins


def _declared(content_type: str) -> Callable[[bytes], bool]:
    """Return the test for a ZIP that says in its first entry what it is: OpenDocument and EPUB.

    Source: OpenDocument 1.3, part 2, section 3.3; EPUB OCF 3.3, section 4.3. The entry is not compressed.
    """

    def begins(head: bytes) -> bool:
        size = 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        return _first_entry(head) == b"mimetype" and head[size:].startswith(content_type.encode() + b"PK")

    return begins


def _first_entry(head: bytes) -> bytes:
    """Return the name of the first file in a ZIP. Source: APPNOTE 6.3.10, section 4.3.7."""
    return head[30 : 30 + int.from_bytes(head[26:28], "little")] if head.startswith(b"PK\x03\x04") else b""


def _text(head: bytes) -> bool:
    """Return whether this is text in UTF-8, and no markup that a browser could be talked into running."""
    try:
        # The last character may be cut in two, where more follows.
        text = getincrementaldecoder("utf-8-sig")().decode(head, final=len(head) < HEAD)
    except UnicodeDecodeError:
        return False
    controls = re.search(r"[\x00-\x08\x0e-\x1f]", text)
    return not controls and re.match(r"\s*<(?:!|\?|[a-z])", text, re.IGNORECASE) is None


def _calendar(head: bytes) -> bool:
    return _text(head) and head.removeprefix(b"\xef\xbb\xbf").lstrip().upper().startswith(b"BEGIN:VCALENDAR")


def _mp3(head: bytes) -> bool:
    return head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2)


def _mp4(head: bytes) -> bool:
    return head[4:8] == b"ftyp"


IN_UTF_8 = "Open it in a text program and save it as plain text in UTF-8."

KINDS = {
    "pdf": FileKind("application/pdf", _pdf, shown=True),
    "docx": FileKind(f"{OPEN_XML}.wordprocessingml.document", _office(b"word/")),
    "xlsx": FileKind(f"{OPEN_XML}.spreadsheetml.sheet", _office(b"xl/")),
    "pptx": FileKind(f"{OPEN_XML}.presentationml.presentation", _office(b"ppt/")),
    "odt": FileKind(f"{OPEN_DOCUMENT}.text", _declared(f"{OPEN_DOCUMENT}.text")),
    "ods": FileKind(f"{OPEN_DOCUMENT}.spreadsheet", _declared(f"{OPEN_DOCUMENT}.spreadsheet")),
    "odp": FileKind(f"{OPEN_DOCUMENT}.presentation", _declared(f"{OPEN_DOCUMENT}.presentation")),
    "epub": FileKind("application/epub+zip", _declared("application/epub+zip")),
    "csv": FileKind("text/csv; charset=utf-8", _text, remedy=IN_UTF_8),
    "txt": FileKind("text/plain; charset=utf-8", _text, shown=True, remedy=IN_UTF_8),
    "ics": FileKind("text/calendar; charset=utf-8", _calendar, remedy="Export it from the calendar program again."),
    "mp3": FileKind("audio/mpeg", _mp3, shown=True),
    "mp4": FileKind("video/mp4", _mp4, shown=True),
    "zip": FileKind("application/zip", _zip),
}
"""By the ending of the name. What a browser could run (HTML, SVG, scripts) must never be here."""


def checked_kind(name: str) -> FileKind:
    """Return the kind of a file of this name.

    Raises:
        InvalidFileError: No file of this name is published.
    """
    if fault := fault_of_name(name):
        raise InvalidFileError(fault, "Rename the file, in the folder and in the text.")
    kind = kind_of(name)
    if kind is None:
        said = ending_of(name).upper() or "Files without an ending"
        raise InvalidFileError(
            f"{said} is no kind of file that is published with an issue.",
            f"Save it as {', '.join(ending.upper() for ending in list(KINDS)[:-1])} or ZIP.",
        )
    return kind


def refuse_weight(weight: int, most_megabytes: int) -> None:
    """Raise when a file is larger than may be published.

    Raises:
        InvalidFileError: It is.
    """
    if weight > most_megabytes * 1_000_000:
        raise InvalidFileError(
            f"It has {weight / 1_000_000:,.1f} MB; a file may have {most_megabytes} MB.",
            "Make it smaller, or put it on a site for large files and link to that.",
        )


def refuse_lie(head: bytes, name: str, file_kind: FileKind) -> None:
    """Raise when a file is not what its name says.

    Raises:
        InvalidFileError: It is empty, or begins like a file of another kind.
    """
    if not head:
        raise InvalidFileError("The file is empty.", "Upload it again.")
    if not file_kind.begins(head):
        raise InvalidFileError(f"It is no {ending_of(name).upper()} file, whatever its name says.", file_kind.remedy)
