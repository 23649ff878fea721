"""What an issue in several languages needs: the files of its translations, and somebody who reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from newsletter.issues.domain.issue import Issue
    from newsletter.issues.domain.upload import SourceFile
    from newsletter.issues.examination_ports import Manuscript


class TranslationFiles(Protocol):
    """Where the files of translations stand."""

    def translations(self, slug: str) -> dict[str, SourceFile]:
        """Return what stands beside the file of an issue in other languages, by key, in the order of their codes."""
        ...


class TranslationReader(Protocol):
    """Reads the file of a translation."""

    def read_translation(self, original: Issue, code: str, source: bytes) -> Manuscript:
        """Return the translation into this language; what it leaves out, it has of the original.

        Raises:
            InvalidIssueError: With every problem, its line and its remedy.
        """
        ...
