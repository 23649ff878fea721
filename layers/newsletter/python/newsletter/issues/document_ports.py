"""What making a draft of a document needs: somebody who reads it, and a place beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from newsletter.issues.domain.document import Document


class Documents(Protocol):
    """Reads documents of a word processor."""

    def read(self, source: bytes) -> Document:
        """Raises: InvalidDocumentError: It is none, or more than we open."""
        ...


class DraftStore(Protocol):
    """Where drafts stand that we made: among the files of the editors."""

    def add(self, key: str, draft: bytes) -> bool:
        """Write a file unless something stands there; return whether it was written."""
        ...
