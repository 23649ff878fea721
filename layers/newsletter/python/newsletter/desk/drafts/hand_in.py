"""A draft becomes an upload, and an upload a draft: what stands on either side is never written over unseen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.desk.drafts.draft import Draft, plain_lines
from newsletter.desk.drafts.merge import merge
from newsletter.desk.drafts.ports import HandInPorts
from newsletter.desk.drafts.save_draft import SaveKind, SaveResult
from newsletter.errors import UnknownDraftError
from newsletter.issues.domain.issue import is_slug
from newsletter.issues.domain.upload import FOLDER, SourceFile


class HandInKind(StrEnum):
    """What became of handing in."""

    HANDED_IN = "handed_in"
    """The upload is the draft; all that follows an upload follows."""
    OVERTAKEN = "overtaken"
    """Somebody uploaded another text since the draft began: `bring_in_upload` brings both together first."""


@dataclass(frozen=True, slots=True)
class HandInResult:
    """The answer to handing in."""

    kind: HandInKind
    upload_version: str
    """Of what stands there now."""


@dataclass(frozen=True, slots=True)
class OpenedText:
    """What an editor begins with who opens an issue."""

    text: str
    based_on: str
    """The version of the draft; empty if there is none yet, and the text is that of the upload."""
    upload_version: str


def open_draft(slug: str, *, ports: HandInPorts) -> OpenedText:
    """Return the draft of an issue, or what was uploaded of it.

    Raises:
        UnknownDraftError: There is neither.
    """
    draft = ports.shelf.newest(slug) if is_slug(slug) else None
    if draft is not None:
        return OpenedText(draft.text, draft.version, draft.note.upload_version)
    upload = ports.content.newest(_key(slug)) if is_slug(slug) else None
    if upload is None:
        raise UnknownDraftError(f"there is no issue “{slug}”")
    return OpenedText(_text(upload), "", upload.version)


def hand_in_draft(slug: str, *, uploaded_by: str, ports: HandInPorts) -> HandInResult:
    """Make the draft the upload of its issue, letter for letter; it can be repeated.

    Args:
        slug: The issue.
        uploaded_by: The address of the editor, who counts as the one who uploaded it.
        ports: What it touches.

    Raises:
        UnknownDraftError: There is no draft.
        StoreBusyError: The draft is being saved all the time.
    """
    draft = _draft(slug, ports)
    upload = ports.content.newest(_key(slug))
    current_version = upload.version if upload else ""
    if upload is None or _text(upload) != draft.text:
        if current_version != draft.note.upload_version:
            return HandInResult(HandInKind.OVERTAKEN, current_version)
        began_from = draft.note.upload_version
        written = ports.uploads.hand_in(slug, draft.text, expected_version=began_from, uploaded_by=uploaded_by)
        if written is None:
            return HandInResult(HandInKind.OVERTAKEN, _current_version(slug, ports))
        current_version = written
    _note_upload(slug, current_version, ports)
    return HandInResult(HandInKind.HANDED_IN, current_version)


def bring_in_upload(
    slug: str, *, saved_by: str, ports: HandInPorts, decided_text: str | None = None, upload_version: str = ""
) -> SaveResult:
    """Bring what was uploaded since the draft began into the draft.

    Args:
        slug: The issue.
        saved_by: The address of the editor.
        ports: What it touches.
        decided_text: What a person made of both where they clashed.
        upload_version: The version of the upload that this person has seen.

    Raises:
        UnknownDraftError: There is no draft.
        StoreBusyError: The draft is being saved all the time.
    """

    def attempt() -> SaveResult | Literal[Race.LOST]:
        draft = _draft(slug, ports)
        upload = ports.content.newest(_key(slug))
        if (upload.version if upload else "") == draft.note.upload_version:
            return SaveResult(SaveKind.SAVED, draft.version, draft.text)
        if upload is None:  # withdrawn: whoever asks has seen that, and may hand the draft in as a new one
            note = replace(draft.note, upload_version="")
            written = ports.shelf.put(slug, draft.text, note, instead_of=draft)
            return LOST if written is None else SaveResult(SaveKind.SAVED, written.version, draft.text)
        if decided_text is not None and upload_version == upload.version:
            text = plain_lines(decided_text)
        else:
            merged = merge(_origin(slug, draft, ports), _text(upload), draft.text)
            if merged.clashes:
                return SaveResult(SaveKind.CONFLICT, draft.version, merged.text, merged.parts)
            text = merged.text
        note = replace(draft.note.after("", saved_by, text), upload_version=upload.version)
        written = ports.shelf.put(slug, text, note, instead_of=draft)
        return LOST if written is None else SaveResult(SaveKind.MERGED, written.version, text)

    return win(attempt, busy=_busy(slug))


def _note_upload(slug: str, version: str, ports: HandInPorts) -> None:
    """Write beside the draft which upload it is now; whatever was typed since then stays a draft of that."""

    def attempt() -> None | Literal[Race.LOST]:
        draft = ports.shelf.newest(slug)
        if draft is None or draft.note.upload_version == version:
            return None
        note = replace(draft.note, upload_version=version)
        return LOST if ports.shelf.put(slug, draft.text, note, instead_of=draft) is None else None

    win(attempt, busy=_busy(slug))


def _draft(slug: str, ports: HandInPorts) -> Draft:
    draft = ports.shelf.newest(slug) if is_slug(slug) else None
    if draft is None:
        raise UnknownDraftError(f"there is no draft of “{slug}”")
    return draft


def _origin(slug: str, draft: Draft, ports: HandInPorts) -> str | None:
    began_from = draft.note.upload_version
    body = ports.content.version(_key(slug), began_from) if began_from else None
    return None if body is None else plain_lines(body.decode("utf-8-sig", "replace"))


def _current_version(slug: str, ports: HandInPorts) -> str:
    upload = ports.content.newest(_key(slug))
    return upload.version if upload else ""


def _text(upload: SourceFile) -> str:
    return plain_lines(upload.body.decode("utf-8-sig", "replace"))


def _key(slug: str) -> str:
    return f"{FOLDER}{slug}.md"


def _busy(slug: str) -> str:
    return f"the draft of {slug} is being saved by others at this moment; it will be tried again"
