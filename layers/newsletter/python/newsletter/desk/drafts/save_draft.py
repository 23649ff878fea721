"""Somebody typed: save the draft, together with what others wrote in it meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from newsletter.core.races import LOST, Race, win
from newsletter.desk.drafts.draft import LONGEST_SAVE_ID, Draft, DraftNote, plain_lines
from newsletter.desk.drafts.merge import Agreed, Clash, merge
from newsletter.desk.drafts.ports import DraftShelf
from newsletter.errors import InvalidDocumentError
from newsletter.issues.domain.upload import LARGEST_ISSUE


class SaveKind(StrEnum):
    """What became of a save."""

    SAVED = "saved"
    """The draft is the text as it was sent."""
    MERGED = "merged"
    """The draft is that text and what others wrote."""
    CONFLICT = "conflict"
    """Nothing was written: both changed the same lines, and a person decides."""


@dataclass(frozen=True, slots=True)
class SavedText:
    """The text of one save, and what the editor made it of.

    An editor sends one save at a time. One without an answer is sent again as it was, under the same id, until there is
    one; what was typed meanwhile comes with the next. `origin` is what that next text was made of, if that is not the
    version itself: the text of the save before, where its answer was that it had been merged.
    """

    text: str
    based_on: str = ""
    """The version of the draft in the last answer; empty before the first."""
    origin: str | None = None
    save_id: str = ""
    """Chosen by the editor, for this text alone."""


@dataclass(frozen=True, slots=True)
class SaveResult:
    """The answer to a save."""

    kind: SaveKind
    version: str
    """What stands there now."""
    text: str
    """What stands there now; at a conflict what would, with what both wrote one after the other."""
    parts: tuple[Agreed | Clash, ...] = ()
    """At a conflict, the text in parts."""


def save_draft(
    slug: str, saved: SavedText, *, saved_by: str, shelf: DraftShelf, upload_version: str = ""
) -> SaveResult:
    """Save a draft; nothing that anybody typed is lost, and nothing is chosen silently.

    Args:
        slug: The issue.
        saved: The text, and where it comes from.
        saved_by: The address of the editor.
        shelf: Where drafts are kept.
        upload_version: The version of the upload that a new draft begins from.

    Raises:
        InvalidDocumentError: It is longer than an issue can be.
        StoreBusyError: Others save all the time.
    """
    text = plain_lines(saved.text)
    if len(text.encode()) > LARGEST_ISSUE:
        raise InvalidDocumentError("The text is longer than an issue can be.", "Make several issues of it.")
    save_id = saved.save_id[:LONGEST_SAVE_ID]

    def attempt() -> SaveResult | Literal[Race.LOST]:
        current = shelf.newest(slug)
        if current is None:
            written = shelf.put(
                slug, text, DraftNote("", upload_version).after(save_id, saved_by, text), instead_of=None
            )
            return LOST if written is None else SaveResult(SaveKind.SAVED, written.version, text)
        if current.text == text or (save_id and save_id in current.note.saves):
            # The save before this was carried out, and its answer lost; or there is nothing to save.
            kind = SaveKind.SAVED if current.text == text else SaveKind.MERGED
            return SaveResult(kind, current.version, current.text)
        merged = merge(_origin(slug, saved, current, shelf), current.text, text)
        if merged.clashes:
            return SaveResult(SaveKind.CONFLICT, current.version, merged.text, merged.parts)
        note = current.note.after(save_id, saved_by, merged.text)
        written = shelf.put(slug, merged.text, note, instead_of=current)
        if written is None:
            return LOST
        kind = SaveKind.SAVED if merged.text == text else SaveKind.MERGED
        return SaveResult(kind, written.version, merged.text)

    return win(attempt, busy=f"the draft of {slug} is being saved by others at this moment; it will be tried again")


def _origin(slug: str, saved: SavedText, current: Draft, shelf: DraftShelf) -> str | None:
    """Return what this text was made of; None if nobody has it any more."""
    if saved.origin is not None:
        return plain_lines(saved.origin)
    if saved.based_on == current.version:
        return current.text
    origin = shelf.version(slug, saved.based_on) if saved.based_on else None
    return origin.text if origin else None
