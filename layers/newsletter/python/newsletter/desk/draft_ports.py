"""What writing an issue at the desk touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from newsletter.core.upload_form import UploadForm
    from newsletter.desk.drafts.draft import Draft, DraftVersion, NewVersion
    from newsletter.issues.examination_ports import ExaminationPorts
    from newsletter.issues.ports import ContentStore, IssueStore


class Drafts(Protocol):
    """Drafts, every version of them, and the files that belong to them."""

    def newest(self, slug: str) -> Draft | None: ...

    def version_of(self, slug: str, version: str) -> str | None:
        """Return the text of one version; None if it is gone."""
        ...

    def write(self, draft_version: NewVersion, *, over: Draft | None) -> Draft | None:
        """Write a version over exactly this one (None: over nothing); None if another stands there."""
        ...

    def history(self, slug: str) -> Sequence[DraftVersion]:
        """Return the versions, newest first."""
        ...

    def hands(self, slug: str, version_names: Sequence[str]) -> Sequence[tuple[str, ...]]:
        """Return of each of these versions who saved in its quarter of an hour, as far as that is known."""
        ...

    def slugs(self) -> Sequence[str]:
        """Return which drafts there are."""
        ...

    def remove(self, slug: str) -> None:
        """Remove the draft; the bucket keeps its versions."""
        ...

    def put_file(self, slug: str, name: str, file_bytes: bytes) -> None:
        """Keep a picture or another file of a draft."""
        ...

    def weight(self, slug: str, name: str) -> int | None:
        """Return how many bytes a file of a draft has, or of the issue it began from; None if there is none."""
        ...

    def file(self, slug: str, name: str) -> bytes | None:
        """Return a file of a draft, or of the issue it began from."""
        ...

    def file_names(self, slug: str) -> Sequence[str]:
        """Return the names of the files of a draft, and of the issue it began from."""
        ...

    def copy_file(self, slug: str, name: str, *, to: str) -> None:
        """Keep a file of this draft or issue beside another draft, too."""
        ...

    def hand_over(self, slug: str, text: str, *, uploaded_by: str, upload_version: str) -> str | None:
        """Copy its files beside the issue, then write the issue's file over this version of it.

        Returns:
            The new version; None if another version stands there.
        """
        ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that a browser put into the bucket."""

    size: int
    """Units: bytes."""
    head: bytes
    """How it begins."""


class Arrivals(Protocol):
    """Files on their way into a draft, which are too large to pass through a function."""

    def form(self, slug: str, arrival_id: str, *, most: int, back_to: str) -> UploadForm:
        """Return a form that takes one file of at most so many bytes here, and then opens a page."""
        ...

    def look(self, slug: str, arrival_id: str) -> Arrival | None:
        """Return what came; None if nothing did, or it was taken already."""
        ...

    def read(self, slug: str, arrival_id: str) -> bytes:
        """Return all of it."""
        ...

    def keep(self, slug: str, arrival_id: str, name: str) -> None:
        """Keep it beside the draft, under this name."""
        ...

    def remove(self, slug: str, arrival_id: str) -> None:
        """Forget it."""
        ...

    def address_of(self, slug: str, name: str) -> str:
        """Return an address of a file of the draft that works for minutes."""
        ...


@dataclass(frozen=True, slots=True)
class WritePorts:
    """What the page that an issue is written on touches."""

    drafts: Drafts
    content: ContentStore
    issues: IssueStore
    examination: ExaminationPorts
