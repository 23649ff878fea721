"""What an issue in several languages needs: the files of its translations, and somebody who reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from newsletter.issues.domain.issue import Issue
    from newsletter.issues.domain.upload import SourceFile
    from newsletter.issues.examination_ports import Manuscript


class TranslationFiles(Protocol):
    """Where the files of translations stand."""

    def newest(self, key: str) -> SourceFile | None:
        """Return what stands under this key now, and its version, or None."""
        ...


class TranslationReader(Protocol):
    """Reads the file of a translation."""

    def read_translation(self, original: Issue, code: str, source: bytes) -> Manuscript:
        """Return the translation into this language; what it leaves out, it has of the original.

        Raises:
            InvalidIssueError: With every problem, its line and its remedy.
        """
        ...
