"""What the links of an issue to places of our own lead to: files beside it, other issues, pages of the site."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from newsletter.core.language import NAMES
from newsletter.core.time_zones import WallTime
from newsletter.issues.domain.issue import Issue, IssueStatus, SendPolicy
from newsletter.issues.domain.issue_record import LOCKED, IssueRecord


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another issue that a link leads to."""

    record: IssueRecord
    paths: frozenset[str] | None = None
    """What is served with it, below the site's root: files and pictures. None where nobody could say."""


@dataclass(frozen=True, slots=True)
class OwnLinks:
    """What was found when the links of an issue were followed, without asking anybody but ourselves."""

    missing: tuple[str, ...] = ()
    """Files that do not lie beside the issue."""
    refused: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Names below the issue's page that cannot be published: why, and what to do."""
    neighbours: Mapping[str, Neighbour | None] = field(default_factory=dict)
    """Other issues by slug; None where there is none."""


def is_page(path: str) -> bool:
    """Return whether the site has a page or a feed at this path, which begins with a slash; issues apart."""
    return PAGES.fullmatch(path) is not None


_LANGUAGES = "|".join(NAMES)

PAGES = re.compile(
    "/(?:index[.]html)?"
    r"|(?:/[a-z]{2}(?:-[a-z]{2,4})?)?/feed[.](?:atom|rss|json)|/robots[.]txt|/sitemap(?:-\d{4})?[.]xml|/icon[.]svg|/sign-up[.]js"
    r"|/(?:search|privacy|verify|archive/\d{4})/?"
    rf"|/subscribe(?:/thanks)?(?:/(?:{_LANGUAGES}))?/?"
    "|/(?:subscriptions|challenge|confirm|unsubscribe|preferences|decide|report)"
)
"""What the archive writes besides issues, and what functions answer; a test holds it to both."""


def why_not_there(neighbour: Neighbour | None, issue: Issue) -> str:
    """Return why readers of this issue will not find another one, as the end of a sentence; nothing if they will."""
    if neighbour is None:
        return "is not there"
    record = neighbour.record
    if record.withdrawn:
        return "was withdrawn"
    if record.status is IssueStatus.DRAFT:
        return "is a draft"
    if record.status in LOCKED:
        return ""
    if record.send is SendPolicy.NEVER:
        return "is dated later" if record.date > issue.date else ""
    if SendPolicy.AT in (issue.send, record.send):
        return "goes out later" if _earliest(record) > _earliest(issue) else ""
    # The oldest goes first, one in each slot; of two of one day the one whose name comes first.
    if issue.send is SendPolicy.SCHEDULED and (record.date, record.slug) > (issue.date, issue.slug):
        return "goes out later"
    if issue.send is not SendPolicy.SCHEDULED and record.date > issue.date:
        return "goes out later"
    return ""


def _earliest(issue: Issue | IssueRecord) -> WallTime:
    """Return its own hour, or the beginning of its day."""
    return issue.send_at or WallTime(issue.date, 0, 0)
