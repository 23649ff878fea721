"""The publisher's logo, served for ever under names that hold its hash: of `templates/brand`, or uploaded."""

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
    light: str
    """Path below the site's root, as is the next."""
    dark: str
    """For dark screens; empty where that is no other file."""
    files: tuple[SiteFile, ...] = ()
    """What the site has to serve; of an uploaded logo nothing, because it is there."""


def read_logo(directory: Path, said: Mapping[str, Any] | None) -> Logo | None:
    """Return the logo that `brand.json` names, or None when it names none.

    Raises:
        KeyError, OSError: It names a file that is not there, or not all there is to know; nothing is sent without.
    """
    if not said:
        return None
    light, dark = _served(directory / said["light"]), said.get("dark")
    at_night = _served(directory / dark) if dark else None
    return Logo(
        alt=said["alt"],
        width=int(said["width"]),
        height=int(said["height"]),
        light=light.path,
        dark=at_night.path if at_night else "",
        files=(light, at_night) if at_night else (light,),
    )


def uploaded_logo(said: Mapping[str, Any]) -> Logo:
    """Return the logo that `settings/brand.yaml` named; its files were put on the site when it was taken."""
    return Logo(said["alt"], int(said["width"]), int(said["height"]), said["light"], said.get("dark") or "")


def _served(path: Path) -> SiteFile:
    body = path.read_bytes()
    name = f"brand/{path.stem}-{hashlib.sha256(body).hexdigest()[:12]}{path.suffix.lower()}"
    return SiteFile(name, body, TYPES[path.suffix.lower()], "public, max-age=31536000, immutable")
