"""An issue examined: rendered and checked as its readers would get it, for publishing and for the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from newsletter.errors import InvalidFileError, InvalidPictureError, UnopenedPictureError
from newsletter.issues.domain.issue import Issue, RenderedIssue
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.linked_file import LinkedFile
from newsletter.issues.domain.own_links import Neighbour, OwnLinks
from newsletter.issues.domain.picture import Picture
from newsletter.issues.domain.preflight import Preflight
from newsletter.issues.examination_ports import ExaminationPorts, Manuscript
from newsletter.issues.writing.file_kinds import checked_kind

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


@dataclass(frozen=True, slots=True)
class Drawn:
    """What an issue became, and what of its pictures and files did not come along."""

    rendered: RenderedIssue
    missing: tuple[str, ...]
    """Pictures that are not there."""
    refused: Mapping[str, str]
    """Pictures that cannot be shown, each with the reason."""
    missing_files: tuple[str, ...]
    refused_files: Mapping[str, tuple[str, str]]
    """Each with the reason and its remedy."""


def examine(
    manuscript: Manuscript,
    *,
    put_picture: Callable[[str], Picture | None],
    look_at_file: Callable[[str], LinkedFile | None],
    find_neighbour: Callable[[str], Neighbour | None],
    compared_with: Callable[[], Sequence[IssueRecord]],
    today: date,
    time_of_day: time,
    ports: ExaminationPorts,
) -> Examined:
    """Render and check an issue that was read.

    Args:
        manuscript: What `ports.reader` read.
        put_picture: Makes the picture of this name fit for readers and returns it, or None if there is none.
        look_at_file: Returns the file of this name that lies beside the issue, or None if there is none.
        find_neighbour: Returns the issue of this slug, or None if there is none.
        compared_with: Returns the issues that this one is compared with; asked when it is rendered.
        today: Where the newsletter is at home.
        time_of_day: As its clock shows it now.
        ports: What reads, renders and checks.

    Raises:
        InvalidIssueError: It cannot be rendered.
    """
    drawn = draw(manuscript, put_picture=put_picture, look_at_file=look_at_file)
    preflight = ports.preflight.check(
        manuscript.issue,
        drawn.rendered,
        missing=drawn.missing,
        refused=drawn.refused,
        others=compared_with(),
        today=today,
        time_of_day=time_of_day,
        own_links=OwnLinks(
            drawn.missing_files,
            drawn.refused_files,
            {slug: find_neighbour(slug) for slug in manuscript.neighbours},
        ),
    )
    return Examined(manuscript.issue, drawn.rendered, preflight)


def draw(
    manuscript: Manuscript,
    *,
    put_picture: Callable[[str], Picture | None],
    look_at_file: Callable[[str], LinkedFile | None],
) -> Drawn:
    """Render an issue with its pictures and files, and check nothing but these.

    Raises:
        InvalidIssueError: It cannot be rendered.
    """
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
    linked_files, missing_files, refused_files = _files(manuscript, look_at_file)
    rendered = manuscript.render(pictures, linked_files)
    return Drawn(rendered, tuple(missing), refused, missing_files, refused_files)


def _files(
    manuscript: Manuscript, look_at_file: Callable[[str], LinkedFile | None]
) -> tuple[dict[str, LinkedFile], tuple[str, ...], dict[str, tuple[str, str]]]:
    """Return the files that are published with it, the names of those that are not there, and what is refused."""
    linked_files: dict[str, LinkedFile] = {}
    missing: list[str] = []
    refused: dict[str, tuple[str, str]] = {}
    for name in manuscript.linked:
        try:
            checked_kind(name)
            linked_file = look_at_file(name)
        except InvalidFileError as refusal:
            refused[name] = refusal.message, refusal.remedy
        else:
            if linked_file is None:
                missing.append(name)
            else:
                linked_files[name] = linked_file
    return linked_files, tuple(missing), refused
