"""The public archive: the files it is made of."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from newsletter.domain.issue import RenderedIssue


@dataclass(frozen=True, slots=True)
class SiteFile:
    """One file of the public site."""

    path: str
    """Below the site's root, without a leading slash."""
    body: bytes
    content_type: str
    cache_control: str


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """What the list of issues says about one of them."""

    slug: str
    title: str
    summary: str
    date: datetime.date
    lang: str = "en"

    @classmethod
    def of(cls, rendered: RenderedIssue) -> ArchiveEntry:
        """Return the entry of a rendered issue."""
        return cls(rendered.slug, rendered.title, rendered.summary, rendered.date, rendered.lang)
