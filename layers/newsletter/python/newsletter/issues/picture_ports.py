"""What pictures of an issue need: somebody who opens them, and the part of the site where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from newsletter.core.site_file import SiteFile
    from newsletter.issues.domain.picture import Picture
    from newsletter.issues.ports import ContentStore


class Pictures(Protocol):
    """Makes pictures fit for mails and pages."""

    def prepare(self, slug: str, name: str, source: bytes) -> tuple[Picture, SiteFile]:
        """Return the picture and the file to serve it from; the same source is always the same file.

        Raises:
            InvalidPictureError: It cannot be shown.
        """
        ...

    def narrow(self, picture: Picture, file: SiteFile) -> tuple[Picture, SiteFile] | None:
        """Return the picture with what phones get of it, and the file of that; None where it would save nothing."""
        ...


class PictureSite(Protocol):
    """The part of the site where pictures are."""

    def add(self, file: SiteFile) -> None:
        """Write a file whose name holds its hash, unless it is there."""
        ...


class PictureShelf(Protocol):
    """Where the pictures of issues become what readers are shown."""

    def put(self, slug: str, name: str) -> Picture | None:
        """Make a picture of the issue's folder fit and put it on the site; None if there is none of this name.

        Without a slug it is a logo, which lies in `settings/`.

        Raises:
            InvalidPictureError: It cannot be shown.
            UnopenedPictureError: Nobody could find out, because opening it took too much time or memory.
        """
        ...


@dataclass(frozen=True, slots=True)
class PicturePorts:
    """What making a picture fit touches."""

    content: ContentStore
    pictures: Pictures
    site: PictureSite
    threads: Executor
    """Makes calls that do not wait for one another."""
