"""A file that was dropped into the editor, read: a Word document, Markdown, or plain text."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from newsletter.desk.drafts.draft import plain_lines
from newsletter.desk.drafts.pasted import PastedPicture, PastedText, below_the_title
from newsletter.errors import InvalidDocumentError
from newsletter.issues.domain.document import ENDING
from newsletter.issues.domain.upload import LARGEST_ISSUE, LARGEST_PICTURE

if TYPE_CHECKING:
    from newsletter.issues.document_ports import Documents

LARGEST_DOCUMENT = LARGEST_PICTURE
"""Bytes, as in the bucket: most of a document are its pictures."""

TEXTS = (".md", ".markdown", ".txt")

OTHERS = (".doc", ".docm", ".dotx", ".odt", ".rtf", ".pages")

_PICTURE = re.compile(r"!\[((?:\\.|[^\]\\])*)\]\((picture-\d+\.\w+)\)")


def read_document(name: str, source: bytes, *, documents: Documents) -> PastedText:
    """Return the text of a file, with the pictures that it holds.

    Args:
        name: As its owner calls it; the ending says how it is read.
        source: The file.
        documents: Reads Word documents.

    Raises:
        InvalidDocumentError: It cannot be read; the error says why, and what to do.
    """
    ending = PurePosixPath(name.lower()).suffix
    if ending == ENDING:
        if len(source) > LARGEST_DOCUMENT:
            raise InvalidDocumentError(
                f"The document has more than {LARGEST_DOCUMENT // 1024 // 1024} MB.",
                "Make its pictures smaller, or several documents of it.",
            )
        return _of_word(source, documents)
    if ending in TEXTS:
        return PastedText(_text(source))
    if ending in OTHERS:
        raise InvalidDocumentError(f"A {ending} file cannot be read here.", "Save it as .docx, and drop that.")
    raise InvalidDocumentError(
        "This is neither a Word document (.docx) nor Markdown or plain text.",
        "Copy its text and paste it; or add it to the issue as a file.",
    )


def _of_word(source: bytes, documents: Documents) -> PastedText:
    document = documents.read(source)
    words = {name: re.sub(r"\\(.)", r"\1", alt) for alt, name in reversed(_PICTURE.findall(document.markdown))}
    pictures = tuple(PastedPicture(name, body, alt=words.get(name, "")) for name, body in document.pictures.items())
    return PastedText(below_the_title(document.markdown), pictures, document.title, document.not_kept)


def _text(source: bytes) -> str:
    if len(source) > LARGEST_ISSUE:
        raise InvalidDocumentError("The text is longer than an issue can be.", "Make several issues of it.")
    text = _decoded(source)
    if "\0" in text:
        raise InvalidDocumentError("The file is not text.", "Open it in the program that made it, and copy its text.")
    return plain_lines(text)


def _decoded(source: bytes) -> str:
    """Return text in the encoding that its first bytes name; else UTF-8, or what Windows used before that."""
    if source.startswith((b"\xff\xfe", b"\xfe\xff")):
        return source.decode("utf-16", "replace")
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Five bytes mean nothing in Windows-1252; nobody misses what they are shown as.
        return source.decode("cp1252", "replace")
