"""One look at an issue file: read, rendered and checked, with the pictures that lie beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from newsletter.core.site_file import SiteFile
from newsletter.errors import InvalidIssueError, InvalidPictureError
from newsletter.issues.adapters.pictures import PillowPictures
from newsletter.issues.checking.preflight import IssueChecks
from newsletter.issues.checking.preflight_answers import LinkAnswers
from newsletter.issues.domain.issue import Issue, RenderedIssue, is_slug
from newsletter.issues.domain.picture import Picture
from newsletter.issues.domain.preflight import Finding, Level, Preflight
from newsletter.issues.domain.upload import LARGEST_PICTURE
from newsletter.issues.writing.front_matter import parse_issue
from newsletter.issues.writing.rendering import Renderer
from newsletter.web.jinja import Templates
from newsletter_cli.editor.desk import TEMPLATES, Desk
from newsletter_cli.problems import CommandError

NO_NAME = Finding(
    Level.ERROR,
    "file",
    "The name of the file cannot become a web address.",
    "Use small letters a-z, digits and single hyphens, then .md: 2026-12-01-more-for-more.md",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a file became; without an issue when it cannot be read."""

    file: Path
    source: bytes
    found: Preflight
    issue: Issue | None = None
    rendered: RenderedIssue | None = None
    pictures: tuple[Path, ...] = ()
    """Beside the file, and named in it."""
    served: tuple[SiteFile, ...] = ()
    """The same pictures as readers get them."""

    @property
    def slug(self) -> str:
        """The name of the issue."""
        return self.file.stem

    @property
    def refused(self) -> bool:
        """Whether this file would not be published as it is: it cannot be read, or says ready and has errors."""
        return self.issue is None or (self.issue.ready and self.found.blocks)


def look(file: Path, desk: Desk, *, check_links: bool = False) -> Look:
    """Read a file and check what it becomes; a bad file is a look with findings.

    Raises:
        CommandError: There is no such file.
    """
    try:
        source = file.read_bytes()
    except OSError as exc:
        raise CommandError(f"{file} cannot be read: {exc.strerror}. Name the Markdown file of an issue.") from exc
    if file.suffix != ".md" or not is_slug(file.stem):
        return Look(file=file, source=source, found=Preflight((NO_NAME,)))
    try:
        return _looked(file, source, desk, check_links=check_links)
    except InvalidIssueError as refusal:
        findings = (Finding(Level.ERROR, "file", each.message, each.remedy, each.line) for each in refusal.problems)
        return Look(file=file, source=source, found=Preflight(tuple(findings)))


def _looked(file: Path, source: bytes, desk: Desk, *, check_links: bool) -> Look:
    issue = parse_issue(file.stem, source)
    renderer = Renderer(Templates(TEMPLATES), desk.newsletter, desk.public_url)
    shelf = _prepared(file, renderer.pictures_of(issue))
    rendered = renderer.render_issue(issue, shelf.pictures)
    ask = LinkAnswers(f"fortnightly-link-check (+{desk.public_url})") if check_links else None
    found = IssueChecks(desk.newsletter, desk.public_url, ask=ask).check(
        issue, rendered, missing=shelf.missing, refused=shelf.refused, others=desk.others, today=desk.today
    )
    return Look(
        file=file,
        source=source,
        found=found,
        issue=issue,
        rendered=rendered,
        pictures=tuple(shelf.files),
        served=tuple(shelf.served),
    )


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The pictures that an issue names, and what became of each."""

    pictures: dict[str, Picture] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    served: list[SiteFile] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def _prepared(file: Path, names: tuple[str, ...]) -> _Shelf:
    shelf, folder = _Shelf(), file.parent / file.stem
    for name in names:
        path = folder / name
        # A name, or a link in the folder, may lead elsewhere on this machine; what lies there is nobody's to publish.
        if not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
            shelf.missing.append(name)
            continue
        with path.open("rb") as opened:
            source = opened.read(LARGEST_PICTURE + 1)
        try:
            shelf.pictures[name], served = PillowPictures().prepare(file.stem, name, source)
        except InvalidPictureError as refusal:
            shelf.refused[name] = str(refusal)
        else:
            shelf.files.append(path)
            shelf.served.append(served)
    return shelf
