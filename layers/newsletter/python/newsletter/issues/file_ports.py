"""What files beside an issue need: where editors put them, and the part of the site where readers get them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection

    from newsletter.issues.domain.linked_file import LinkedFile


class OwnNames(Protocol):
    """What the links of an issue name that is our own."""

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the files beside the issue, of kinds that are published."""
        ...

    @property
    def linked(self) -> tuple[str, ...]:
        """All names below the issue's own page, but pictures and what we write there ourselves."""
        ...

    @property
    def neighbours(self) -> tuple[str, ...]:
        """The other issues."""
        ...


class FileDownloads(Protocol):
    """Where somebody who may can get a file before it is on the site."""

    def address(self, linked_file: LinkedFile) -> str:
        """Return an address of exactly this version that works for a few minutes."""
        ...


class FileShelf(Protocol):
    """Where files beside an issue become what readers download."""

    def look(self, slug: str, name: str) -> LinkedFile | None:
        """Return the file of this name, in either spelling of Unicode, as it stands beside the issue now, or None.

        Only its first bytes are read.

        Raises:
            InvalidFileError: It cannot be published; the error says why, and what to do.
        """
        ...

    def show(self, linked_file: LinkedFile) -> bool:
        """Put exactly this version on the site; return whether something else, or nothing, stood there.

        A version that is gone for good leaves the site as it is.
        """
        ...

    def hide(self, slug: str, *, kept_paths: Collection[str]) -> list[str]:
        """Remove the issue's files from the site but those at these paths; return the paths that were removed."""
        ...
