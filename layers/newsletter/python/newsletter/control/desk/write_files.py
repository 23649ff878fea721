"""What is brought into a draft: pasted from a word processor, dropped, or chosen on the disk."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from itertools import count
from pathlib import PurePath

from newsletter.control.desk.request import Answer, Data, DeskRequest, File, Go, Route, Show
from newsletter.desk.adapters.pasted_html import clean_paste
from newsletter.desk.domain.act import Act
from newsletter.desk.drafts.draft import Save
from newsletter.desk.drafts.issue_fields import split, values_of
from newsletter.desk.drafts.open_draft import open_draft
from newsletter.desk.drafts.pasted import PastedText
from newsletter.desk.drafts.read_document import read_document
from newsletter.desk.drafts.save_draft import save_draft
from newsletter.errors import InvalidFileError, InvalidRequestError
from newsletter.issues.writing.file_kinds import HEAD, checked_kind, refuse_lie

ISSUE = "/desk/issues/<slug>/"
SHOWN_AS = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
"""Pictures that the preview of a draft shows. Each type is said by the ending, and a browser is told not to guess."""

BEGINS = {
    ".png": (b"\x89PNG\r\n\x1a\n",), ".jpg": (b"\xff\xd8\xff",), ".jpeg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF87a", b"GIF89a"), ".webp": (b"RIFF",),
}  # fmt: skip
"""The first bytes of each kind of picture."""

READ = (".md", ".markdown", ".txt", ".docx", ".doc", ".docm", ".dotx", ".odt", ".rtf", ".pages")
"""Endings of texts: what is in them goes into the draft, and the file itself does not."""


def paste(request: DeskRequest) -> Answer:
    """Return what was pasted as clean Markdown; pictures that came along are kept beside the draft."""
    pasted = clean_paste(request.fields.get("html", ""))
    missing = sum(not each.body for each in pasted.pictures)
    words = "One picture did not come along: drop it in." if missing == 1 else ""
    if missing > 1:
        words = f"{missing} pictures did not come along: drop them in."
    return Data({"text": _kept(request, pasted), "words": words})


def take(request: DeskRequest) -> Answer:
    """Take a file into the draft, and return the words that stand for it in the text."""
    if not request.files:
        raise InvalidRequestError("choose a file first")
    taken = "\n\n".join(
        _taken(request, _safe_name(file.name), file.body, request.fields.get("alt", "")) for file in request.files
    )
    if request.by_script:
        return Data({"text": taken})
    slug, drafts = request.parts["slug"], request.app.drafts
    draft = open_draft(slug, ports=request.app.write_ports)
    if draft is None:
        return Show("missing", status_code=404)
    # Without a script there is no cursor: it goes to the end, from where it can be moved.
    text = f"{draft.text.rstrip()}\n\n{taken}\n"
    save_draft(
        Save(
            slug,
            text,
            draft.version,
            draft.text,
            saved_by=request.visitor.member.label,
            upload_version=draft.upload_version,
            saved_at=request.now,
        ),
        drafts=drafts,
    )
    return Go(f"/desk/issues/{slug}/write/?done=taken")


def show(request: DeskRequest) -> Answer:
    """Return a picture of a draft, for its preview."""
    name = request.parts["name"]
    kind = SHOWN_AS.get(PurePath(name).suffix.lower())
    body = request.app.drafts.file(request.parts["slug"], name) if kind else None
    if kind is None or body is None:
        return Show("missing", status_code=404)
    return File(body, kind, {"Cache-Control": "private, max-age=3600"})


def _taken(request: DeskRequest, name: str, body: bytes, alt: str) -> str:
    ending = PurePath(name).suffix.lower()
    if ending in READ:
        read = read_document(name, body, documents=request.app.conversion_ports.documents)
        return _heading(request, read.title) + _kept(request, read)
    if ending in SHOWN_AS:
        if not body.startswith(BEGINS[ending]):
            raise InvalidRequestError(f"“{name}” is no picture of this kind, whatever its name says")
        name = _put(request, name, body)
        return f"![{_in_brackets(alt) or 'Say here what the picture shows'}]({name})"
    try:
        refuse_lie(body[:HEAD], name, checked_kind(name))
    except InvalidFileError as refusal:
        raise InvalidRequestError(f"{refusal.message} {refusal.remedy}") from refusal
    words = PurePath(name).stem.replace("-", " ")
    return f"[{words}]({_put(request, name, body)})"


def _heading(request: DeskRequest, title: str) -> str:
    """Return the title of a document as the heading of its text, unless the issue has this title already."""
    draft = open_draft(request.parts["slug"], ports=request.app.write_ports)
    known = values_of(split(draft.text)[0]).get("title", "") if draft else ""
    return f"## {title}\n\n" if title and title.casefold() != known.casefold() else ""


def _put(request: DeskRequest, name: str, body: bytes) -> str:
    """Keep a file, and return the name that it got: phones call every photograph the same."""
    slug, drafts, path = request.parts["slug"], request.app.drafts, PurePath(name)
    numbered = (f"{path.stem}-{number}{path.suffix}" for number in count(2))
    while (stands := drafts.file(slug, name)) is not None and stands != body:
        name = next(numbered)
    if stands is None:
        drafts.put_file(slug, name, body)
    return name


def _in_brackets(words: str) -> str:
    """Return words as they can stand between the brackets of Markdown."""
    return re.sub(r"([\\\[\]])", r"\\\1", " ".join(words.split()))


def _kept(request: DeskRequest, pasted: PastedText) -> str:
    """Return the text; its pictures are named after what they hold, so that no two texts share a name by chance."""
    markdown, drafts = pasted.markdown.strip(), request.app.drafts
    for each in pasted.pictures:
        if each.body:
            name = f"{hashlib.sha256(each.body).hexdigest()[:12]}{PurePath(each.name).suffix}"
            markdown = markdown.replace(f"]({each.name})", f"]({name})")
            drafts.put_file(request.parts["slug"], name, each.body)
    return markdown


def _safe_name(name: str) -> str:
    """Return a file's name as it can stand in an address: its words in small letters, with hyphens between them."""
    path = PurePath(name)
    plain = unicodedata.normalize("NFKD", path.stem.casefold()).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].strip("-") or "file"
    return f"{words}{path.suffix.lower()}"


ROUTES = (
    Route("POST", f"{ISSUE}paste", Act.WRITE, paste),
    Route("POST", f"{ISSUE}take", Act.WRITE, take),
    Route("GET", f"{ISSUE}files/<name>/", Act.LOOK, show),
)
