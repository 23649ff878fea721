"""A file that somebody adds to a draft: what it may be, and how it stands in the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import PurePath
from typing import TYPE_CHECKING

from newsletter.desk.drafts.read_document import LARGEST_DOCUMENT, OTHERS, TEXTS
from newsletter.errors import InvalidFileError, InvalidRequestError
from newsletter.issues.domain.document import ENDING
from newsletter.issues.domain.upload import LARGEST_ISSUE, LARGEST_PICTURE
from newsletter.issues.writing.file_kinds import KINDS, FileKind, checked_kind, refuse_lie

if TYPE_CHECKING:
    from newsletter.desk.draft_ports import Drafts

PICTURES = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
}  # fmt: skip
"""Pictures that the preview of a draft shows. Each type is said by the ending, and a browser is told not to guess."""

BEGINS = {
    ".png": (b"\x89PNG\r\n\x1a\n",), ".jpg": (b"\xff\xd8\xff",), ".jpeg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF87a", b"GIF89a"), ".webp": (b"RIFF",),
}  # fmt: skip
"""The first bytes of each kind of picture."""

NOT_SHOWN = (".heic", ".heif", ".avif", ".tif", ".tiff", ".bmp", ".svg")
"""Pictures that many mail programs do not show."""

READ = (*TEXTS, ENDING, *OTHERS)
"""Endings of texts: what is in them goes into the draft, and the file itself does not."""


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file, wherever it lies at this moment."""

    name: str
    """As `safe_name` returns it."""
    size: int
    head: bytes
    """How it begins."""
    read: Callable[[], bytes]
    """Returns all of it."""
    keep: Callable[[str], None]
    """Keeps it beside the draft, under this name."""

    @property
    def ending(self) -> str:
        """Of its name, with the dot."""
        return PurePath(self.name).suffix


def safe_name(name: str) -> str:
    """Return a file's name as it can stand in an address: its words in small letters, with hyphens between them."""
    path = PurePath(name)
    plain = unicodedata.normalize("NFKD", path.stem.casefold()).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].strip("-") or "file"
    return f"{words}{path.suffix.lower()}"


def most_bytes(name: str, *, attachment: int) -> int:
    """Return how many bytes a file of this name may have, if a file that is published may have `attachment`."""
    ending = PurePath(name).suffix.lower()
    if ending in READ:
        return LARGEST_ISSUE if ending in TEXTS else LARGEST_DOCUMENT
    return LARGEST_PICTURE if ending in PICTURES else attachment


def refuse_before_it_comes(name: str, size: int, *, attachment: int) -> None:
    """Raise when a file of this name and size cannot be added, so that nobody sends it for nothing.

    Raises:
        InvalidRequestError: The sentence says why, and what to do.
    """
    ending, most = PurePath(name).suffix.lower(), most_bytes(name, attachment=attachment)
    if ending not in (*READ, *PICTURES):
        _published_kind(name)
    if size > most:
        what, remedy = "A file", "Make it smaller, or put it on a site for large files and link to that."
        if ending in PICTURES:
            what, remedy = "A picture", "Save it smaller: 2,400 pixels wide is more than any reader sees."
        elif ending in READ:
            what, remedy = "A document", "Make its pictures smaller, or take it in parts."
        raise InvalidRequestError(f"“{name}” has {in_mb(size, up=True)}. {what} may have up to {in_mb(most)}. {remedy}")


def refuse_what_it_is_not(incoming: IncomingFile) -> None:
    """Raise when a file is not what its name says.

    Raises:
        InvalidRequestError: The sentence says so.
    """
    if incoming.ending in PICTURES:
        if not incoming.head.startswith(BEGINS[incoming.ending]):
            raise InvalidRequestError(f"“{incoming.name}” is no picture of this kind, whatever its name says")
        return
    file_kind = _published_kind(incoming.name)
    try:
        refuse_lie(incoming.head, incoming.name, file_kind)
    except InvalidFileError as refusal:
        raise InvalidRequestError(f"{refusal.message} {refusal.remedy}") from refusal


def _published_kind(name: str) -> FileKind:
    if name.endswith(NOT_SHOWN):
        raise InvalidRequestError(
            f"many mail programs show no {PurePath(name).suffix[1:].upper()} pictures. Save it as JPEG or PNG"
        )
    try:
        return checked_kind(name)
    except InvalidFileError as refusal:
        raise InvalidRequestError(f"{refusal.message} {refusal.remedy}") from refusal


def name_by_head(head: bytes) -> str:
    """Return a name for a file of which only its first bytes are known; empty if it is of no kind that is taken."""
    for ending, begins in BEGINS.items():
        if head.startswith(begins):
            return f"picture{ending}"
    # Text begins like anything: it is looked for where nothing else was found.
    endings = sorted(KINDS, key=lambda ending: ending in ("zip", "csv", "txt"))
    found = next((ending for ending in endings if KINDS[ending].begins(head)), "")
    return f"file.{found}" if found else ""


def put_beside(slug: str, incoming: IncomingFile, *, drafts: Drafts) -> str:
    """Keep a file, and return the name that it got: phones call every photograph the same."""
    name, path = incoming.name, PurePath(incoming.name)
    numbered = (f"{path.stem}-{number}{path.suffix}" for number in count(2))
    while (weight := drafts.weight(slug, name)) is not None:
        if weight == incoming.size and drafts.file(slug, name) == incoming.read():
            return name
        name = next(numbered)
    incoming.keep(name)
    return name


def in_mb(size: int, *, up: bool = False) -> str:
    """Return a size as people say it: one that is allowed rounded down, one that is too large rounded up."""
    unit, name = (1_000_000, "MB") if size >= 1_000_000 else (1_000, "KB")
    return f"{-(-size // unit) if up else size // unit} {name}"
