"""Saving a draft: what was typed is kept, whoever typed at the same time, and however often it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from newsletter.desk.draft_ports import Drafts
from newsletter.desk.drafts.draft import SAVES_KNOWN, Draft, NewVersion, Save, quarter_of
from newsletter.desk.drafts.merge import merge
from newsletter.errors import InvalidRequestError, StoreBusyError

LARGEST_DRAFT = 1_000_000
"""Bytes. The longest issue we know of has 60,000; pictures are files of their own."""

MOST_HANDS = 8
"""Names kept beside a version; S3 takes 2 KB of metadata."""

TRIES = 20
"""Of a write that others come before. Each loses only to one that won."""


class SaveResult(StrEnum):
    """What came of saving."""

    SAVED = "saved"
    MERGED = "merged"
    """With what somebody else saved meanwhile."""
    CLASHED = "clashed"
    """Merged, and both had changed the same lines: both versions stand in the text."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The draft as it stands now."""

    result: SaveResult
    draft: Draft
    clashes: tuple[int, ...] = ()
    """Lines where both changed the same."""


def save_draft(save: Save, *, drafts: Drafts) -> Saved:
    """Keep what was typed.

    Raises:
        InvalidRequestError: Longer than any issue.
        StoreBusyError: Others saved every time; send the same again.
    """
    if len(save.text.encode()) > LARGEST_DRAFT:
        raise InvalidRequestError("this is longer than any issue: put pictures and tables into files of their own")
    for _ in range(TRIES):
        before = drafts.newest(save.slug)
        if before is not None and save.is_among(before.saves):
            # Its answer was lost, or it was under way for longer than its repetition.
            return Saved(SaveResult.SAVED if before.text == save.text else SaveResult.MERGED, before)
        saved = _save_over(before, save, drafts)
        if saved is not None:
            return saved
    raise StoreBusyError("others saved this draft at the same moments; what you typed can be saved again")


def _save_over(before: Draft | None, save: Save, drafts: Drafts) -> Saved | None:
    text, result = save.text, SaveResult.SAVED
    clashes: tuple[int, ...] = ()
    if before is not None and (before.version != save.based_on or save.base_text is not None):
        merged = merge(_base(save, drafts), save.text, before.text)
        text, clashes = merged.text, merged.clashes
        result = SaveResult.CLASHED if clashes else SaveResult.MERGED if text != save.text else SaveResult.SAVED
    if before is not None and text == before.text and not save.page:
        return Saved(result, before, clashes)
    new = NewVersion(
        save.slug,
        text,
        save.saved_by,
        upload_version=before.upload_version if before else save.upload_version,
        saves=_saves(before, save),
        hands=_hands(before, save),
    )
    written = drafts.write(new, over=before)
    if written is None:
        return None
    return Saved(result, written, clashes)


def _base(save: Save, drafts: Drafts) -> str:
    """Return the text that a save was made from. Of one that is gone, every line counts as typed anew."""
    if save.base_text is not None:
        return save.base_text
    return (drafts.version_of(save.slug, save.based_on) if save.based_on else "") or ""


def _hands(before: Draft | None, save: Save) -> tuple[str, ...]:
    if not save.saved_by:
        return ()
    known: tuple[str, ...] = ()
    if before and before.saved_at and save.saved_at and quarter_of(before.saved_at) == quarter_of(save.saved_at):
        known = before.hands
    return tuple(dict.fromkeys((*known, save.saved_by)))[:MOST_HANDS]


def _saves(before: Draft | None, save: Save) -> tuple[str, ...]:
    known = before.saves if before else ()
    if not save.page:
        return known
    others = [each for each in known if not each.startswith(f"{save.page}=")]
    return (save.name, *others)[:SAVES_KNOWN]
