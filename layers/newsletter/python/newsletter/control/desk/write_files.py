"""What is brought into a draft: pasted from a word processor, dropped, or chosen on the disk."""

from __future__ import annotations

import re
import unicodedata
from itertools import count
from pathlib import PurePath

from newsletter.control.desk.request import Answer, Data, DeskRequest, File, Go, Route, Show
from newsletter.desk.domain.act import Act
from newsletter.desk.drafts.draft import Save
from newsletter.desk.drafts.open_draft import open_draft
from newsletter.desk.drafts.save_draft import save_draft
from newsletter.errors import InvalidFileError, InvalidRequestError
from newsletter.issues.adapters.html_to_markdown import html_to_markdown
from newsletter.issues.adapters.word_document import WordDocuments
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

TEXTS = (".md", ".txt")


def paste(request: DeskRequest) -> Answer:
    """Return what was pasted as clean Markdown."""
    return Data({"text": html_to_markdown(request.fields.get("html", "")).strip()})


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
    if ending in TEXTS:
        return _text(body)
    if ending == ".docx":
        return _document(request, PurePath(name).stem, body)
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


def _document(request: DeskRequest, stem: str, body: bytes) -> str:
    """Return the text of a Word document; its pictures are named after it, so that two documents do not share any."""
    document = WordDocuments().read(body)
    markdown = document.markdown.strip()
    for name, picture in document.pictures.items():
        markdown = markdown.replace(f"]({name})", f"]({_put(request, f'{stem}-{name}', picture)})")
    return markdown


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


def _text(body: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return body.decode(encoding).strip()
        except UnicodeDecodeError:
            continue
    raise InvalidRequestError("this is not a text: save it as UTF-8 and drop it again")


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
