"""A draft as its readers would get it, by the renderer that will make it, with what the checks say. Nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from newsletter.desk.draft_ports import WritePorts
from newsletter.errors import InvalidIssueError
from newsletter.issues.domain.issue import Issue, IssueStatus, RenderedIssue
from newsletter.issues.domain.linked_file import LinkedFile, path_of
from newsletter.issues.domain.picture import Picture
from newsletter.issues.domain.preflight import Finding, Level
from newsletter.issues.examination import COMPARED, draw, examine

WIDTH, HEIGHT = 1200, 800
"""What a picture is said to measure, in pixels. Its own size is known once it was made fit for readers; until then
the browser sees it for itself."""


@dataclass(frozen=True, slots=True)
class Previewed:
    """What became of a draft; nothing is rendered of one that cannot be read."""

    findings: tuple[Finding, ...]
    issue: Issue | None = None
    rendered: RenderedIssue | None = None


def preview_draft(slug: str, text: str, *, ports: WritePorts, local_now: datetime) -> Previewed:
    """Render and check a draft.

    Args:
        slug: Its name, and the issue's later.
        text: The whole file.
        ports: What reads, renders and checks.
        local_now: The moment, by the clock of the newsletter.
    """
    try:
        manuscript = ports.examination.reader.read(slug, text.encode())
        examined = examine(
            manuscript,
            put_picture=partial(_picture, slug, ports),
            look_at_file=partial(_file, slug, ports),
            find_neighbour=lambda _: None,  # followed when it is handed in
            compared_with=lambda: [*ports.issues.with_status(IssueStatus.READY), *ports.issues.newest(COMPARED)],
            today=local_now.date(),
            time_of_day=local_now.time(),
            ports=ports.examination,
        )
    except InvalidIssueError as refusal:
        return Previewed(
            tuple(Finding(Level.ERROR, "file", each.message, each.remedy, each.line) for each in refusal.problems)
        )
    return Previewed(examined.preflight.findings, examined.issue, examined.rendered)


def draw_draft(slug: str, text: str, *, ports: WritePorts) -> RenderedIssue | None:
    """Render a draft without checking it, which takes as long again; None if it cannot be read."""
    try:
        manuscript = ports.examination.reader.read(slug, text.encode())
        return draw(
            manuscript, put_picture=partial(_picture, slug, ports), look_at_file=partial(_file, slug, ports)
        ).rendered
    except InvalidIssueError:
        return None


def _picture(slug: str, ports: WritePorts, name: str) -> Picture | None:
    weight = ports.drafts.weight(slug, name)
    if weight is None:
        return None
    return Picture(name, f"desk/issues/{slug}/files/{name}", WIDTH, HEIGHT, weight)


def _file(slug: str, ports: WritePorts, name: str) -> LinkedFile | None:
    weight = ports.drafts.weight(slug, name)
    if weight is None:
        return None
    return LinkedFile(name=name, path=path_of(slug, name), version="", etag="", weight=weight)
