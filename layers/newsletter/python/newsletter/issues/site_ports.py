"""What writing the public site needs from the outside world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from newsletter.core.archive_entry import ArchiveEntry, WithHeadline
    from newsletter.core.site_file import SiteFile
    from newsletter.issues.domain.issue import RenderedIssue
    from newsletter.issues.domain.site import ShownIssue


class Site(Protocol):
    """The public archive."""

    def read(self, path: str) -> bytes | None: ...
    def put(self, file: SiteFile) -> bool:
        """Write a file; return whether something else, or nothing, stood there."""
        ...

    def remove(self, path: str) -> bool:
        """Remove a file; return whether there was one."""
        ...

    def by_listing(self) -> Site:
        """Return the same site, which asks once what stands in a folder, and goes by that from then on.

        It knows the bytes of what stands there, and not with which headers they are served: a file whose headers alone
        are others counts as written.
        """
        ...


class Cache(Protocol):
    """Copies of the site that stand nearer to the readers."""

    def invalidate(self, paths: Collection[str]) -> None:
        """Forget the copies of these files, named as in the site."""
        ...


class ArchiveRenderer(Protocol):
    """Writes the static pages and feeds."""

    def issue_page(
        self,
        shown_issue: ShownIssue,
        *,
        older: ArchiveEntry | None = None,
        newer: ArchiveEntry | None = None,
    ) -> SiteFile: ...
    def card(self, shown_issue: ShownIssue) -> SiteFile | None:
        """Return the picture that is shown beside a link to an issue, which its page names; none if it has its own."""
        ...

    def sealed_file(self, shown_issue: ShownIssue) -> SiteFile | None:
        """Return the file whose SHA-256 is the hash of an issue that was mailed, for readers to check."""
        ...

    def translated_pages(
        self, shown_issue: ShownIssue, *, older: ArchiveEntry | None = None, newer: ArchiveEntry | None = None
    ) -> list[SiteFile]:
        """Return the pages of an issue in its other languages, and what they name."""
        ...

    def preview_page(self, shown_issue: ShownIssue, sentence: str, *, lang: str = "") -> SiteFile:
        """Return the page of an issue that is not public, with this sentence in its banner, in this language."""
        ...

    def year(self, year: int, listed_issues: Sequence[RenderedIssue], years: Sequence[int]) -> list[SiteFile]:
        """Return the files of one year; `years` are all that have some, newest first."""
        ...

    def privacy(self, privacy_notice: str) -> SiteFile:
        """Return the page of the privacy notice, which is Markdown; an empty one gives the default."""
        ...

    def feed_languages(self, headline: WithHeadline) -> frozenset[str]:
        """Return the languages, in small letters, whose own feeds hold this issue; the newsletter's feed holds all."""
        ...

    def archive(
        self,
        newest: Sequence[ArchiveEntry],
        recent: Sequence[ShownIssue],
        years: Sequence[int],
        recent_by_language: Mapping[str, Sequence[ShownIssue]],
    ) -> list[SiteFile]:
        """Return every file that belongs to no issue and no year; what pages need comes before them."""
        ...
