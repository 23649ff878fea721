"""What drafts need from the outside world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from newsletter.desk.drafts.fields import FrontMatterForm
from newsletter.issues.examination_ports import ExaminationPorts
from newsletter.issues.file_ports import FileShelf
from newsletter.issues.ports import ContentStore, IssueStore
from newsletter.issues.site_ports import ArchiveRenderer

if TYPE_CHECKING:
    from newsletter.desk.drafts.draft import Draft, DraftNote, DraftVersion
    from newsletter.issues.domain.picture import Picture


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
        """Return the newest versions, newest first; one with the text of the one before it is left out."""
        ...

    def slugs(self) -> list[str]:
        """Return the issues that have a draft, in the order of their names."""
        ...

    def remove(self, slug: str) -> None:
        """Remove a draft; its versions stay."""
        ...


class DraftPictures(Protocol):
    """How the desk shows the pictures of an issue before they are published."""

    def shown(self, slug: str, name: str) -> Picture | None:
        """Return a picture that lies beside the issue as the desk serves it, or None; nothing is written.

        Raises:
            InvalidPictureError: It cannot be shown.
        """
        ...


class Uploads(Protocol):
    """Where drafts become uploads: among the files of the editors, where `publish` finds them."""

    def hand_in(self, slug: str, text: str, *, expected_version: str, uploaded_by: str) -> str | None:
        """Write the file of an issue on condition that the version it replaces still stands there.

        Args:
            slug: The issue.
            text: The whole file.
            expected_version: The version that was there; empty if there was none.
            uploaded_by: The address of the editor, who counts as the one who uploaded it.

        Returns:
            The version written; None if another stands there.
        """
        ...

    def copy_files(self, slug: str, *, to_slug: str) -> None:
        """Copy what lies beside an issue, pictures and files, beside another one."""
        ...


@dataclass(frozen=True, slots=True)
class HandInPorts:
    """What making an upload of a draft touches, and a draft of an upload."""

    shelf: DraftShelf
    content: ContentStore
    uploads: Uploads


@dataclass(frozen=True, slots=True)
class StartPorts:
    """What beginning an issue touches."""

    shelf: DraftShelf
    content: ContentStore
    issues: IssueStore
    uploads: Uploads
    form: FrontMatterForm


@dataclass(frozen=True, slots=True)
class DraftPreviewPorts:
    """What looking at a draft reads; through none of it anything is written."""

    examination: ExaminationPorts
    """Checks that ask no links: a preview follows every pause in typing."""
    archive: ArchiveRenderer
    issues: IssueStore
    content: ContentStore
    files: FileShelf
    pictures: DraftPictures
