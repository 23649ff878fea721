"""A file of the public site."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SiteFile:
    """One file of the public site."""

    path: str
    """Below the site's root, without a leading slash."""
    body: bytes
    content_type: str
    cache_control: str
