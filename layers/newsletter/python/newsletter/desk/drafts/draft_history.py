"""Earlier versions of a draft: listed, compared, and brought back."""

from __future__ import annotations

from newsletter.desk.drafts.draft import Draft, DraftVersion
from newsletter.desk.drafts.ports import DraftShelf
from newsletter.desk.drafts.save_draft import SavedText, SaveResult, save_draft
from newsletter.desk.drafts.word_diff import ChangedWords, word_diff
from newsletter.errors import UnknownVersionError

MOST_VERSIONS = 50
"""Of one page of history; each costs a question to the bucket."""


def draft_history(slug: str, *, shelf: DraftShelf, limit: int = MOST_VERSIONS) -> list[DraftVersion]:
    """Return the versions of a draft, newest first, with who saved each, when, and how many words it has."""
    return shelf.versions(slug, min(limit, MOST_VERSIONS))


def compare_versions(
    slug: str, older_version: str, newer_version: str, *, shelf: DraftShelf
) -> tuple[ChangedWords, ...]:
    """Return what changed between two versions, word by word.

    Raises:
        UnknownVersionError: One of them is gone for good, or never was.
    """
    return word_diff(_kept(slug, older_version, shelf).text, _kept(slug, newer_version, shelf).text)


def restore_version(slug: str, version: str, *, based_on: str, saved_by: str, shelf: DraftShelf) -> SaveResult:
    """Make an earlier version the newest again; it is a save like any other, and what it replaces stays in the history.

    Args:
        slug: The issue.
        version: What is brought back.
        based_on: The version that the editor has seen: what somebody wrote since then is merged, not undone.
        saved_by: The address of the editor.
        shelf: Where drafts are kept.

    Raises:
        UnknownVersionError: It is gone for good, or never was.
    """
    return save_draft(slug, SavedText(_kept(slug, version, shelf).text, based_on), saved_by=saved_by, shelf=shelf)


def _kept(slug: str, version: str, shelf: DraftShelf) -> Draft:
    kept = shelf.version(slug, version)
    if kept is None:
        raise UnknownVersionError(f"this version of {slug} is not kept any more; choose another one of its history")
    return kept
