"""The public archive: the files it is made of."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from newsletter.domain.issue import RenderedIssue
from newsletter.domain.issue_record import IssueRecord


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
    def of(cls, issue: RenderedIssue | IssueRecord) -> ArchiveEntry:
        """Return the entry of an issue."""
        return cls(issue.slug, issue.title, issue.summary, issue.date, issue.lang)


@dataclass(frozen=True, slots=True)
class ShownIssue:
    """An issue as the site shows it."""

    rendered: RenderedIssue
    corrected_at: datetime.datetime | None = None
    """In the newsletter's own time zone: readers see the day, feeds the moment."""
