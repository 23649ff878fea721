"""Word documents (.docx), read: an archive of XML by strangers, so what is opened of it is bounded first."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from xml.parsers.expat import ExpatError

import mammoth

from newsletter.errors import InvalidDocumentError
from newsletter.issues.adapters.html_to_markdown import html_to_markdown
from newsletter.issues.domain.document import Document
from newsletter.issues.domain.upload import LARGEST_PICTURE

MOST_PARTS = 2_000
LARGEST_PART = 4 * 1024 * 1024
"""Bytes of XML. A hundred pages have one million; a tree of them takes fifty times as much memory."""

LARGEST_TOGETHER = 100 * 1024 * 1024
"""Bytes of all parts, unpacked."""

MOST_PICTURES = 60

PICTURE_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}

STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Intense Quote'] => blockquote > p:fresh
"""

PARTS_NOT_KEPT = (
    (re.compile(r"word/comments\.xml"), "comments"),
    (re.compile(r"word/(?:header|footer)\d*\.xml"), "headers and footers of its pages"),
    (re.compile(r"word/charts/.*"), "charts that are not pictures"),
    (re.compile(r"word/diagrams/.*"), "diagrams that are not pictures"),
    (re.compile(r"word/embeddings/.*"), "files inside the document"),
    (re.compile(r".*/vbaProject\.bin"), "macros"),
    (re.compile(r"word/media/.*\.(?:mp4|mp3|wav|mov|avi|wmv)", re.IGNORECASE), "sound and video"),
)


class WordDocuments:
    """Reads Word documents."""

    def read(self, source: bytes) -> Document:
        """Return what the document holds.

        Raises:
            InvalidDocumentError: It is none, or more than we open.
        """
        if source.startswith(b"\xd0\xcf\x11\xe0"):
            raise InvalidDocumentError(
                "The document is in Word's old format, or has a password.", "Save it as .docx, without a password."
            )
        try:
            parts = _bounded(source)
            pictures = _Pictures()
            converted = mammoth.convert_to_html(
                io.BytesIO(source),
                style_map=STYLES,
                convert_image=mammoth.images.img_element(pictures.take),
                external_file_access=False,
            )
        except (zipfile.BadZipFile, zlib.error, ExpatError, EOFError, RuntimeError) as exc:
            raise _UNREADABLE from exc
        except (KeyError, ValueError, AttributeError, TypeError, IndexError, OSError) as exc:
            # What the library trips over in a file that only looks like a document.
            raise _UNREADABLE from exc
        markdown = html_to_markdown(converted.value)
        title, markdown = _title_of(markdown)
        not_kept = [words for pattern, words in PARTS_NOT_KEPT if any(map(pattern.fullmatch, parts))]
        return Document(title, markdown, pictures.kept, tuple([*not_kept, *pictures.refused()]))


_UNREADABLE = InvalidDocumentError(
    "The file is not a Word document, or it is damaged.", "Open it in a word processor and save it as .docx once more."
)


_OTHER_KINDS = {
    "xl/workbook.xml": (
        "This is an Excel workbook.",
        "Add it to the issue as a file; or copy its cells and paste them.",
    ),
    "ppt/presentation.xml": ("This is a PowerPoint presentation.", "Add it to the issue as a file."),
    "content.xml": ("This is an OpenDocument file under another name.", "Open it, and save it as .docx."),
}
"""What tells a document of another kind, whatever it is called, and what to say of it."""


def _refuse_other_kinds(archive: zipfile.ZipFile, names: Collection[str]) -> None:
    for part, answer in _OTHER_KINDS.items():
        if part in names:
            raise InvalidDocumentError(*answer)
    if "[Content_Types].xml" in names and b"macroEnabled" in archive.read("[Content_Types].xml"):
        # A .docm under another name: Word itself does not open it. Macros in a plain document are only left out.
        raise InvalidDocumentError("The document may run programs (macros).", "Save it as .docx, without macros.")


def _bounded(source: bytes) -> list[str]:
    """Return the names of the parts, when there are no more, and no larger ones, than a document has."""
    with zipfile.ZipFile(io.BytesIO(source)) as archive:
        parts = archive.infolist()
        # What a part says of its size is what it is read to, at most: zipfile ends there.
        xml = [part for part in parts if part.filename.endswith((".xml", ".rels"))]
        if (
            len(parts) > MOST_PARTS
            or sum(part.file_size for part in parts) > LARGEST_TOGETHER
            or any(part.file_size > LARGEST_PART for part in xml)
        ):
            raise InvalidDocumentError(
                "The document is larger than an issue can be.", "Make several documents of it, with fewer pictures."
            )
        for part in xml:
            text = archive.read(part).replace(b"\0", b"")
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                raise _UNREADABLE  # no word processor writes any, and what they declare can be huge
        names = [part.filename for part in parts]
        _refuse_other_kinds(archive, names)
        return names


class _Pictures:
    """The pictures of a document, named in their order."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self._formats: set[str] = set()
        self._too_many = 0

    def take(self, image: mammoth.documents.Image) -> dict[str, str]:
        """Keep a picture; return the attributes by which the text shows it."""
        ending = PICTURE_ENDINGS.get(image.content_type)
        if ending is None:
            self._formats.add(str(image.content_type).rpartition("/")[2][:20])
            return {"src": ""}
        with image.open() as opened:
            body = opened.read(LARGEST_PICTURE + 1)
        name = next((name for name, kept in self.kept.items() if kept == body), "")
        if not name and (len(self.kept) == MOST_PICTURES or len(body) > LARGEST_PICTURE):
            self._too_many += 1
            return {"src": ""}
        name = name or f"picture-{len(self.kept) + 1}.{ending}"
        self.kept[name] = body
        return {"src": name}

    def refused(self) -> Iterator[str]:
        """Yield what of the pictures could not be kept."""
        if self._formats:
            yield f"pictures that no browser shows ({', '.join(sorted(self._formats))})"
        if self._too_many:
            yield f"{self._too_many} pictures that are too many or too large"


def _title_of(markdown: str) -> tuple[str, str]:
    """Return the title of a document, which is its first heading if it begins with one, and the rest."""
    found = re.match(r"# (.+)(?:\n\n|$)", markdown)
    if found is None:
        return "", markdown
    return re.sub(r"\\(.)|[*~]", r"\1", found[1]), markdown[found.end() :]
