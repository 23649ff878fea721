"""A picture of an issue: what an editor put beside the text, and what readers are shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture made ready for mails and pages."""

    name: str
    """As the author wrote it, below `issues/<slug>/` of the content bucket."""
    path: str
    """Below the site's root, `issues/<slug>/<stem>-<part of its hash>.<ext>`: one path is the same bytes for ever.
    A logo's begins with `brand/`."""
    width: int
    """Pixels."""
    height: int
    """Pixels."""
    weight: int
    """Bytes."""
    narrow_path: str = ""
    """Of the same picture for phones, below the site's root; empty where there is none."""
    narrow_width: int = 0
    """Pixels."""


def public_folder(slug: str) -> str:
    """Return where the pictures of an issue stand on the site; without a slug, where the logo does."""
    return f"issues/{slug}" if slug else "brand"
