"""The publisher's logo: files of `templates/brand`, served for ever under names that hold their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsletter.core.site_file import SiteFile

TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif"}
"""What every mail program shows."""


@dataclass(frozen=True, slots=True)
class Logo:
    """What stands for the name of the newsletter."""

    alt: str
    width: int
    """Pixels as a reader sees them, as is the height; the file may have more."""
    height: int
    light: SiteFile
    dark: SiteFile | None
    """For dark screens, where that is another file."""

    @property
    def files(self) -> tuple[SiteFile, ...]:
        """What the site has to serve."""
        return (self.light, self.dark) if self.dark else (self.light,)


def read_logo(directory: Path, said: Mapping[str, Any] | None) -> Logo | None:
    """Return the logo that `brand.json` names, or None when it names none.

    Raises:
        KeyError, OSError: It names a file that is not there, or not all there is to know; nothing is sent without.
    """
    if not said:
        return None
    dark = said.get("dark")
    return Logo(
        alt=said["alt"],
        width=int(said["width"]),
        height=int(said["height"]),
        light=_served(directory / said["light"]),
        dark=_served(directory / dark) if dark else None,
    )


def _served(path: Path) -> SiteFile:
    body = path.read_bytes()
    name = f"brand/{path.stem}-{hashlib.sha256(body).hexdigest()[:12]}{path.suffix.lower()}"
    return SiteFile(name, body, TYPES[path.suffix.lower()], "public, max-age=31536000, immutable")
