"""What drafts need from the outside world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from newsletter.desk.drafts.draft import Draft, DraftNote, DraftVersion


class DraftShelf(Protocol):
    """Where drafts are kept, every version of them."""

    def newest(self, slug: str) -> Draft | None:
        """Return what stands there now, or None."""
        ...

    def put(self, slug: str, text: str, draft_note: DraftNote, *, instead_of: Draft | None) -> Draft | None:
        """Write a version on condition that the one it replaces still stands there.

        Args:
            slug: The issue.
            text: The whole text.
            draft_note: What is written beside it.
            instead_of: What was read there; None if nothing was.

        Returns:
            The version written; None if something else stands there, or nothing any more.
        """
        ...

    def version(self, slug: str, version: str) -> Draft | None:
        """Return one version, or None if it is gone for good."""
        ...

    def versions(self, slug: str, limit: int) -> list[DraftVersion]:
        """Return the newest versions, newest first."""
        ...

    def slugs(self) -> list[str]:
        """Return the issues that have a draft, in the order of their names."""
        ...

    def remove(self, slug: str) -> None:
        """Remove a draft; its versions stay."""
        ...
