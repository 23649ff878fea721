"""What is brought into a draft: pasted from a word processor, dropped, or chosen on the disk."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from pathlib import PurePath
from secrets import token_hex

from newsletter.control.desk.request import Answer, Data, DeskRequest, File, Go, Route, Show
from newsletter.desk.adapters.pasted_html import clean_paste
from newsletter.desk.domain.act import Act
from newsletter.desk.drafts.draft import Save
from newsletter.desk.drafts.incoming_file import (
    PICTURES,
    READ,
    IncomingFile,
    in_mb,
    most_bytes,
    name_by_head,
    put_beside,
    refuse_before_it_comes,
    refuse_what_it_is_not,
    safe_name,
)
from newsletter.desk.drafts.issue_fields import split, values_of
from newsletter.desk.drafts.open_draft import open_draft
from newsletter.desk.drafts.pasted import PastedText
from newsletter.desk.drafts.read_document import read_document
from newsletter.desk.drafts.save_draft import save_draft
from newsletter.errors import InvalidRequestError
from newsletter.issues.domain.upload import LARGEST_PICTURE
from newsletter.issues.writing.file_kinds import HEAD
from newsletter.web.form import SentFile

ISSUE = "/desk/issues/<slug>/"

ARRIVAL = re.compile(r"[0-9a-f]{32}")
"""Ids are random hexadecimal digits: nobody guesses one, and none leads elsewhere."""

LARGEST_ANSWER = 4_000_000
"""Bytes. Lambda answers with 6 MB at most, in base64."""


def paste(request: DeskRequest) -> Answer:
    """Return what was pasted as clean Markdown; pictures that came along are kept beside the draft."""
    pasted = clean_paste(request.fields.get("html", ""))
    missing = sum(not each.body for each in pasted.pictures)
    words = "One picture did not come along: drop it in." if missing == 1 else ""
    if missing > 1:
        words = f"{missing} pictures did not come along: drop them in."
    return Data({"text": _kept(request, pasted), "words": words})


def take(request: DeskRequest) -> Answer:
    """Take files into the draft, sent along or arrived before, and return the words that stand for them in the text."""
    alt, arrival_id = request.fields.get("alt", ""), request.fields.get("arrived", "")
    if not request.files and not arrival_id:
        raise InvalidRequestError("choose a file first")
    files = [_arrived(request, arrival_id)] if arrival_id else [_sent(request, each) for each in request.files]
    taken = "\n\n".join(_taken(request, each, alt) for each in files)
    if arrival_id:
        request.app.arrivals.remove(request.parts["slug"], arrival_id)
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


def place(request: DeskRequest) -> Answer:
    """Make a place for a file that is too large to pass through here, and return the form that takes it there."""
    slug, name, arrival_id = request.parts["slug"], safe_name(request.fields.get("name", "")), token_hex(16)
    attachment = request.app.settings.attachment_megabytes * 1_000_000
    if open_draft(slug, ports=request.app.write_ports) is None:
        return Show("missing", status_code=404)
    if request.by_script:
        size = request.fields.get("size", "")
        refuse_before_it_comes(name, int(size) if size.isdecimal() else 0, attachment=attachment)
        most = most_bytes(name, attachment=attachment)
        form = request.app.arrivals.form(slug, arrival_id, most=most, back_to="")
        return Data({"address": form.address, "fields": dict(form.fields), "arrived": arrival_id})
    path = f"/desk/issues/{slug}/arrived/{arrival_id}/"
    form = request.app.arrivals.form(
        slug,
        arrival_id,
        most=max(LARGEST_PICTURE, attachment),
        back_to=f"{request.app.settings.public_url.rstrip('/')}{path}",
    )
    shown = {"upload_form": form, "slug": slug, "picture": in_mb(LARGEST_PICTURE), "file": in_mb(attachment)}
    return Show("write_upload", shown, posts_to=form.origin)


def arrived(request: DeskRequest) -> Answer:
    """Show a file that came without a script, and ask what it is called and what it shows; nothing is changed."""
    slug, arrival_id = request.parts["slug"], request.parts["id"]
    arrival = request.app.arrivals.look(slug, arrival_id) if ARRIVAL.fullmatch(arrival_id) else None
    if arrival is None:
        return Show("missing", status_code=404)
    name = name_by_head(arrival.head)
    picture = PurePath(name).suffix in PICTURES
    return Show("write_arrived", {"slug": slug, "id": arrival_id, "name": name, "picture": picture})


def show(request: DeskRequest) -> Answer:
    """Return a picture of a draft, for its preview."""
    slug, name = request.parts["slug"], request.parts["name"]
    kind = PICTURES.get(PurePath(name).suffix.lower())
    weight = request.app.drafts.weight(slug, name) if kind else None
    if kind is None or weight is None:
        return Show("missing", status_code=404)
    if weight > LARGEST_ANSWER:
        return Go(request.app.arrivals.address_of(slug, name))
    body = request.app.drafts.file(slug, name) or b""
    return File(body, kind, {"Cache-Control": "private, max-age=3600"})


def _sent(request: DeskRequest, file: SentFile) -> IncomingFile:
    keep = partial(request.app.drafts.put_file, request.parts["slug"], file_bytes=file.body)
    return IncomingFile(safe_name(file.name), len(file.body), file.body[:HEAD], lambda: file.body, keep)


def _arrived(request: DeskRequest, arrival_id: str) -> IncomingFile:
    slug, arrivals = request.parts["slug"], request.app.arrivals
    arrival = arrivals.look(slug, arrival_id) if ARRIVAL.fullmatch(arrival_id) else None
    if arrival is None:
        raise InvalidRequestError("this file was added already, or did not arrive; please choose it again")
    name = safe_name(request.fields.get("name", ""))
    attachment = request.app.settings.attachment_megabytes * 1_000_000
    refuse_before_it_comes(name, arrival.size, attachment=attachment)  # whatever was said of it before
    read, keep = partial(arrivals.read, slug, arrival_id), partial(arrivals.keep, slug, arrival_id)
    return IncomingFile(name, arrival.size, arrival.head, read, keep)


def _taken(request: DeskRequest, file: IncomingFile, alt: str) -> str:
    if file.ending in READ:
        read = read_document(file.name, file.read(), documents=request.app.conversion_ports.documents)
        return _heading(request, read.title) + _kept(request, read)
    refuse_what_it_is_not(file)
    name = put_beside(request.parts["slug"], file, drafts=request.app.drafts)
    if file.ending in PICTURES:
        return f"![{_in_brackets(alt) or 'Say here what the picture shows'}]({name})"
    words = PurePath(file.name).stem.replace("-", " ")
    return f"[{words}]({name})"


def _heading(request: DeskRequest, title: str) -> str:
    """Return the title of a document as the heading of its text, unless the issue has this title already."""
    draft = open_draft(request.parts["slug"], ports=request.app.write_ports)
    known = values_of(split(draft.text)[0]).get("title", "") if draft else ""
    return f"## {title}\n\n" if title and title.casefold() != known.casefold() else ""


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


ROUTES = (
    Route("POST", f"{ISSUE}paste", Act.WRITE, paste),
    Route("POST", f"{ISSUE}take", Act.WRITE, take),
    Route("POST", f"{ISSUE}place", Act.WRITE, place),
    Route("GET", f"{ISSUE}arrived/<id>/", Act.WRITE, arrived),
    Route("GET", f"{ISSUE}files/<name>/", Act.LOOK, show),
)
