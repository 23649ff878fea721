"""An issue examined: rendered and checked as its readers would get it, for publishing and for the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from newsletter.core.site_file import SiteFile
from newsletter.errors import InvalidPictureError
from newsletter.issues.domain.issue import Issue, RenderedIssue
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.picture import Picture
from newsletter.issues.domain.preflight import Preflight
from newsletter.issues.ports import ExaminationPorts, Manuscript

COMPARED = 60
"""Issues of the archive that a new one is compared with: two years of fortnights."""


@dataclass(frozen=True, slots=True)
class Examined:
    """An issue, what it became, and what the checks say about that."""

    issue: Issue
    rendered: RenderedIssue
    preflight: Preflight


def examine(
    manuscript: Manuscript,
    *,
    read_picture: Callable[[str], bytes | None],
    put_picture: Callable[[SiteFile], object],
    compared_with: Callable[[], Sequence[IssueRecord]],
    today: date,
    ports: ExaminationPorts,
) -> Examined:
    """Render and check an issue that was read.

    Args:
        manuscript: What `ports.reader` read.
        read_picture: Returns the file of this name beside the issue, or None.
        put_picture: Takes each picture as it is served, before the issue is rendered.
        compared_with: Returns the issues that this one is compared with; asked when it is rendered.
        today: Where the newsletter is at home.
        ports: What reads, renders and checks.

    Raises:
        InvalidIssueError: It cannot be rendered.
    """
    issue = manuscript.issue
    pictures: dict[str, Picture] = {}
    missing: list[str] = []
    refused: dict[str, str] = {}
    for name in manuscript.pictures:
        source = read_picture(name)
        if source is None:
            missing.append(name)
            continue
        try:
            pictures[name], file = ports.pictures.prepare(issue.slug, name, source)
        except InvalidPictureError as refusal:
            refused[name] = str(refusal)
        else:
            put_picture(file)
    rendered = manuscript.render(pictures)
    preflight = ports.preflight.check(
        issue, rendered, missing=missing, refused=refused, others=compared_with(), today=today
    )
    return Examined(issue, rendered, preflight)
