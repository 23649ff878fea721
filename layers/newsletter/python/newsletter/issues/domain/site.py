"""What the site shows of an issue: its page, its picture beside shared links, the link for machines."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

from newsletter.issues.domain.issue import RenderedIssue

WIDTH, HEIGHT = 1200, 630
"""Pixels: what the networks show without cutting. Source: https://developers.facebook.com/docs/sharing/webmasters/images"""

SOON = "public, max-age=300"
"""How long copies of pages and feeds are kept: a correction is seen within five minutes."""

HIDDEN = "ffffffff"
"""Stands for the link that no person can see."""

HIDDEN_QUERY = "not-for-readers"


@dataclass(frozen=True, slots=True)
class ShownIssue:
    """An issue as the site shows it."""

    rendered: RenderedIssue
    corrected_at: datetime.datetime | None = None
    """In the newsletter's own time zone: readers see the day, feeds the moment."""
    sent_hash: str = ""
    """The content that was mailed; empty for what never was."""

    def in_language(self, lang: str) -> ShownIssue | None:
        """Return the edition in exactly this language, in small letters; None if there is none."""
        edition = next((each for each in self.rendered.editions if each.lang.lower() == lang), None)
        return replace(self, rendered=edition) if edition else None


@dataclass(frozen=True, slots=True)
class IssueCard:
    """What is drawn on the picture beside a shared link to an issue; colours as `#rrggbb`."""

    title: str
    day: str
    newsletter_name: str
    paper: str
    text: str
    muted: str
    accent: str


def hidden_link(page_url: str) -> str:
    """Return the address behind the link that no person can see: the issue's own page, so following it is harmless."""
    return f"{page_url}?{HIDDEN_QUERY}"
