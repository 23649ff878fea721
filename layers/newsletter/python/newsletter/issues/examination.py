"""An issue examined: rendered and checked as its readers would get it, for publishing and for the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from newsletter.errors import InvalidPictureError, UnopenedPictureError
from newsletter.issues.domain.issue import Issue, RenderedIssue
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.picture import Picture
from newsletter.issues.domain.preflight import Preflight
from newsletter.issues.ports import ExaminationPorts, Manuscript

COMPARED = 60
"""Issues of the archive that a new one is compared with: two years of fortnights."""


MOST_UNOPENED = 2
"""Pictures of one issue that may take all the time one may take; after them no other is tried."""

NOT_TRIED = "The picture was not looked at: others of this issue took too long to open. Mend or remove those first."


@dataclass(frozen=True, slots=True)
class Examined:
    """An issue, what it became, and what the checks say about that."""

    issue: Issue
    rendered: RenderedIssue
    preflight: Preflight


def examine(
    manuscript: Manuscript,
    *,
    put_picture: Callable[[str], Picture | None],
    compared_with: Callable[[], Sequence[IssueRecord]],
    today: date,
    ports: ExaminationPorts,
) -> Examined:
    """Render and check an issue that was read.

    Args:
        manuscript: What `ports.reader` read.
        put_picture: Makes the picture of this name fit for readers and returns it, or None if there is none.
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
    unopened = 0
    for name in manuscript.pictures:
        if unopened == MOST_UNOPENED:
            refused[name] = NOT_TRIED
            continue
        try:
            found = put_picture(name)
        except InvalidPictureError as refusal:
            refused[name] = str(refusal)
            unopened += isinstance(refusal, UnopenedPictureError)
        else:
            if found is None:
                missing.append(name)
            else:
                pictures[name] = found
    rendered = manuscript.render(pictures)
    preflight = ports.preflight.check(
        issue, rendered, missing=missing, refused=refused, others=compared_with(), today=today
    )
    return Examined(issue, rendered, preflight)
