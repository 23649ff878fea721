"""One look at an issue file: read, rendered and checked, with the pictures and files that lie beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from newsletter.core.site_file import SiteFile
from newsletter.errors import InvalidIssueError
from newsletter.issues.adapters.pictures import PillowPictures
from newsletter.issues.checking.preflight import IssueChecks
from newsletter.issues.checking.preflight_answers import LinkAnswers
from newsletter.issues.domain.issue import Issue, IssueStatus, Problem, RenderedIssue, is_slug
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.linked_file import LinkedFile
from newsletter.issues.domain.own_links import Neighbour
from newsletter.issues.domain.picture import Picture
from newsletter.issues.domain.preflight import Finding, Level, Preflight
from newsletter.issues.domain.upload import LARGEST_PICTURE
from newsletter.issues.examination import examine
from newsletter.issues.examination_ports import ExaminationPorts, IssueReader, Manuscript
from newsletter.issues.translations import without_original
from newsletter.issues.writing.rendering import Renderer
from newsletter_cli.editor.desk import Desk
from newsletter_cli.editor.editions import edition_of
from newsletter_cli.editor.local_files import LocalFile, file_beside, look_at_file
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
    preflight: Preflight
    issue: Issue | None = None
    rendered: RenderedIssue | None = None
    pictures: tuple[Path, ...] = ()
    """Beside the file, and named in it."""
    served: tuple[SiteFile, ...] = ()
    """The same pictures as readers get them."""
    files: tuple[LocalFile, ...] = ()
    """Beside the file, and linked from it."""

    @property
    def slug(self) -> str:
        """The name of the issue."""
        return edition_of(self.file)[0]

    @property
    def key(self) -> str:
        """Where the file stands in the content bucket."""
        return f"issues/{self.file.name}"

    @property
    def folder(self) -> Path:
        """Where its pictures and files lie, whatever its language."""
        return self.file.parent / self.slug

    @property
    def refused(self) -> bool:
        """Whether this file would not be published as it is: it cannot be read, or says ready and has errors."""
        return self.issue is None or (self.issue.ready and self.preflight.blocks)


def look(file: Path, desk: Desk, *, check_links: bool = False, original: bytes | None = None) -> Look:
    """Read a file and check what it becomes; a bad file is a look with findings.

    Args:
        file: An issue, or a translation of one.
        desk: What it is rendered and checked with.
        check_links: Whether the links are opened.
        original: What a translation is one of, if that does not lie beside it.

    Raises:
        CommandError: There is no such file.
    """
    try:
        source = file.read_bytes()
    except OSError as exc:
        raise CommandError(f"{file} cannot be read: {exc.strerror}. Name the Markdown file of an issue.") from exc
    if file.suffix != ".md" or not is_slug(edition_of(file)[0]):
        return Look(file=file, source=source, preflight=Preflight((NO_NAME,)))
    try:
        return _looked(file, source, original, desk, check_links=check_links)
    except InvalidIssueError as refusal:
        findings = (Finding(Level.ERROR, "file", each.message, each.remedy, each.line) for each in refusal.problems)
        return Look(file=file, source=source, preflight=Preflight(tuple(findings)))


def _looked(file: Path, source: bytes, original: bytes | None, desk: Desk, *, check_links: bool) -> Look:
    ports, served, slug = _ports(desk, check_links=check_links), list[SiteFile](), edition_of(file)[0]
    folder = file.parent / slug
    local_files: dict[str, LocalFile] = {}
    pictures = PillowPictures()

    def put_picture(name: str) -> Picture | None:
        beside = _beside(folder, name)
        if beside is None:
            return None
        fit, as_served = pictures.prepare(slug, name, beside)
        served.append(as_served)
        narrow = pictures.narrow(fit, as_served)
        if narrow is None:
            return fit
        served.append(narrow[1])
        return narrow[0]

    def look_at(name: str) -> LinkedFile | None:
        local_file = look_at_file(folder, name, most_megabytes=desk.attachment_megabytes)
        if local_file is not None:
            local_files[local_file.linked_file.path] = local_file
        return local_file.linked_file if local_file else None

    def find_neighbour(slug: str) -> Neighbour | None:
        record = desk.find_issue(slug) if desk.find_issue else _written(file.parent / f"{slug}.md", ports)
        return Neighbour(record) if record else None

    examined = examine(
        _read(file, source, original, ports.reader),
        put_picture=put_picture,
        look_at_file=look_at,
        find_neighbour=find_neighbour,
        compared_with=lambda: desk.others,
        today=desk.local_now.date(),
        time_of_day=desk.local_now.time(),
        ports=ports,
    )
    return Look(
        file=file,
        source=source,
        preflight=examined.preflight,
        issue=examined.issue,
        rendered=examined.rendered,
        pictures=tuple(
            beside for each in examined.rendered.pictures if (beside := file_beside(folder, each.name)) is not None
        ),
        served=tuple(served),
        files=tuple(local_files.values()),
    )


def _read(file: Path, source: bytes, original: bytes | None, reader: IssueReader) -> Manuscript:
    slug, code = edition_of(file)
    if not code:
        return reader.read(slug, source)
    key, beside = f"issues/{file.name}", file.with_name(f"{slug}.md")
    if beside.is_file():
        original = beside.read_bytes()
    if original is None:
        raise InvalidIssueError(key, [without_original(key)])
    try:
        issue = reader.read(slug, original).issue
    except InvalidIssueError as refusal:
        what, remedy = (
            f"Its original, {beside.name}, cannot be read.",
            "Mend that first: `newsletter check` says where.",
        )
        raise InvalidIssueError(key, [Problem(None, what, remedy)]) from refusal
    return reader.read_translation(issue, code, source)


def _ports(desk: Desk, *, check_links: bool) -> ExaminationPorts:
    ask = LinkAnswers(f"fortnightly-link-check (+{desk.public_url})") if check_links else None
    return ExaminationPorts(
        reader=Renderer(desk.templates, desk.newsletter, desk.public_url),
        preflight=IssueChecks(desk.templates.publisher(desk.newsletter), desk.public_url, ask=ask),
    )


def _written(file: Path, ports: ExaminationPorts) -> IssueRecord | None:
    """Return what there is to say about another issue that lies beside this one, where no stack can be asked."""
    if not file.is_file():
        return None
    try:
        issue = ports.reader.read(file.stem, file.read_bytes()).issue
    except InvalidIssueError:
        return None
    return IssueRecord(
        slug=issue.slug,
        status=IssueStatus.READY if issue.ready else IssueStatus.DRAFT,
        title=issue.title,
        subject=issue.subject,
        summary=issue.summary,
        date=issue.date,
        content_hash="",
        send=issue.send,
        send_at=issue.send_at,
    )


def _beside(folder: Path, name: str) -> bytes | None:
    """Return the picture of this name in the issue's folder, no more of it than shows that it is too large."""
    path = file_beside(folder, name)
    if path is None:
        return None
    with path.open("rb") as opened:
        return opened.read(LARGEST_PICTURE + 1)
