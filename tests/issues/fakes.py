"""The ports of this wing in memory: for the tests of jobs, and held to the same contracts as the real adapters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from hashlib import sha256

from newsletter.core.archive_entry import ArchiveEntry, WithHeadline
from newsletter.core.house_style import NO_HOUSE_STYLE, HouseStyle
from newsletter.core.site_file import SiteFile
from newsletter.errors import (
    InvalidDocumentError,
    InvalidPictureError,
    MissingRenderingError,
    UnopenedPictureError,
)
from newsletter.issues.domain.document import Document
from newsletter.issues.domain.issue import Issue, IssueStatus, RenderedIssue
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.linked_file import LinkedFile, path_of, spellings
from newsletter.issues.domain.own_links import OwnLinks
from newsletter.issues.domain.picture import Picture, public_folder
from newsletter.issues.domain.preflight import Finding, Level, Preflight
from newsletter.issues.domain.site import ShownIssue
from newsletter.issues.domain.upload import SourceFile, problems_key
from newsletter.issues.jobs.put_picture import put_picture
from newsletter.issues.picture_ports import PicturePorts
from newsletter.issues.writing.file_kinds import HEAD, checked_kind, kind_of, refuse_lie, refuse_weight
from tests.core.fakes import OneByOne


class MemoryIssues:
    """What we know about the issues."""

    def __init__(self, *records: IssueRecord) -> None:
        self.by_slug = {record.slug: record for record in records}

    def get(self, slug: str) -> IssueRecord | None:
        return self.by_slug.get(slug)

    def get_many(self, slugs: Sequence[str]) -> dict[str, IssueRecord]:
        return {slug: self.by_slug[slug] for slug in slugs if slug in self.by_slug}

    def put(self, record: IssueRecord, *, before: IssueRecord | None) -> bool:
        stored = self.by_slug.get(record.slug)
        if (stored is None) != (before is None):
            return False
        if stored and before and _standing(stored) != _standing(before):
            return False
        self.by_slug[record.slug] = record
        return True

    def begin_sending(self, slug: str, content_hash: str, *, needs_approval: bool) -> bool:
        stored = self.by_slug.get(slug)
        if stored is None or stored.status is not IssueStatus.READY or stored.content_hash != content_hash:
            return False
        if stored.waits_for(needs_approval=needs_approval):
            return False
        self.by_slug[slug] = replace(
            stored, status=IssueStatus.SENDING, listed=True, sent_hash=content_hash, cleared=content_hash
        )
        return True

    def approve(
        self, slug: str, content_hash: str, *, noted: str, corrected_at: datetime | None = None
    ) -> IssueRecord | None:
        stored = self.by_slug.get(slug)
        if stored is None or stored.content_hash != content_hash or stored.withdrawn:
            return None
        return self._decided(stored, noted, approved=content_hash, cleared=content_hash, corrected_at=corrected_at)

    def hold(self, slug: str, *, held: bool, noted: str) -> IssueRecord | None:
        stored = self.by_slug.get(slug)
        if stored is None or stored.held is held:
            return None
        return self._decided(stored, noted, held=held)

    def note(self, slug: str, *, noted: str) -> IssueRecord | None:
        stored = self.by_slug.get(slug)
        return self._decided(stored, noted) if stored else None

    def _decided(self, stored: IssueRecord, noted: str, **changes: object) -> IssueRecord:
        decided = replace(stored, decisions=(*stored.decisions, noted), **changes)  # type: ignore[arg-type]
        self.by_slug[stored.slug] = decided
        return decided

    def set_status(self, slug: str, status: IssueStatus, *, sent_at: datetime | None = None) -> None:
        stored = self.by_slug[slug]
        self.by_slug[slug] = replace(stored, status=status, sent_at=sent_at or stored.sent_at)

    def set_announced(self, slug: str, announced: str, *, version: str, translations: Mapping[str, str]) -> None:
        told = {"announced_version": version, "announced_translations": dict(translations)}
        self.by_slug[slug] = replace(self.by_slug[slug], announced=announced, **told)  # type: ignore[arg-type]

    def set_preview_since(self, slug: str, since: datetime) -> None:
        self.by_slug[slug] = replace(self.by_slug[slug], preview_since=since)

    def set_listed(self, record: IssueRecord, *, listed: bool) -> bool:
        stored = self.by_slug.get(record.slug)
        if stored is None or _standing(stored) != _standing(record):
            return False
        self.by_slug[record.slug] = replace(stored, listed=listed)
        return True

    def with_status(self, status: IssueStatus) -> list[IssueRecord]:
        return sorted((each for each in self.by_slug.values() if each.status is status), key=_order)

    def set_shown(self, slug: str, shown: date | None) -> None:
        self.by_slug[slug] = replace(self.by_slug[slug], shown=shown)

    def coming(self, today: date, limit: int) -> list[IssueRecord]:
        ready = self.with_status(IssueStatus.READY)
        return [each for each in ready if each.comes_by_itself and not each.listed and each.date <= today][:limit]

    def newest(self, limit: int) -> list[IssueRecord]:
        return self._listed()[:limit]

    def listed_in(self, year: int) -> list[IssueRecord]:
        return [each for each in self._listed() if _order(each)[0].startswith(f"{year:04}-")]

    def older_than(self, day: date, slug: str, limit: int) -> list[IssueRecord]:
        return [each for each in self._listed() if _order(each) < (day.isoformat(), slug)][:limit]

    def newer_than(self, day: date, slug: str, limit: int) -> list[IssueRecord]:
        return [each for each in reversed(self._listed()) if _order(each) > (day.isoformat(), slug)][:limit]

    def years(self) -> list[int]:
        return list(dict.fromkeys(int(_order(each)[0][:4]) for each in self._listed()))

    def _listed(self) -> list[IssueRecord]:
        return sorted((each for each in self.by_slug.values() if each.listed), key=_order, reverse=True)


def _standing(record: IssueRecord) -> tuple[object, ...]:
    standing = (record.status, record.content_hash, record.sequencer, record.decisions)
    return *standing, record.shown, record.preview_since


def _order(record: IssueRecord) -> tuple[str, str]:
    return (record.as_cleared() or record).date.isoformat(), record.slug


class MemoryContent:
    """The content bucket, versions included."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.problems: dict[str, str] = {}
        self.preflights: dict[str, str] = {}
        self.reports: dict[str, str] = {}
        self.problems_about: dict[str, str] = {}
        self.versions: dict[tuple[str, str], bytes] = {}
        self.renderings: dict[tuple[str, str], RenderedIssue] = {}
        self.uploaders: dict[str, str] = {}

    def read(self, key: str) -> bytes | None:
        return self.objects.get(key)

    def remove(self, key: str) -> None:
        self.objects.pop(key, None)

    def stands(self, key: str) -> bool:
        return key in self.objects

    def newest(self, key: str) -> SourceFile | None:
        body = self.objects.get(key)
        if body is None:
            return None
        version = sha256(body).hexdigest()[:8]
        self.versions[key, version] = body
        return SourceFile(body, version, self.uploader(key))

    def uploader(self, key: str) -> str:
        return self.uploaders.get(key, "") if key in self.objects else ""

    def files_of(self, slug: str) -> dict[str, str]:
        ours = {problems_key(key): text.encode() for key, text in self.problems.items()}
        there = self.objects | ours
        own = (f"issues/{slug}.", f"issues/{slug}/")
        return {key: sha256(there[key]).hexdigest() for key in sorted(there) if key.startswith(own)}

    def version(self, key: str, version: str) -> bytes | None:
        return self.versions.get((key, version))

    def add(self, key: str, draft: bytes) -> bool:
        return self.objects.setdefault(key, draft) is draft

    def put_problems(self, key: str, text: str, *, version: str) -> None:
        self.problems[key], self.problems_about[key] = text, version

    def problems_of(self, key: str) -> str:
        return self.problems_about.get(key, "") if key in self.problems else ""

    def clear_problems(self, key: str) -> None:
        self.problems.pop(key, None)

    def put_preflight(self, key: str, text: str) -> None:
        self.preflights[key] = text

    def clear_preflight(self, key: str) -> None:
        self.preflights.pop(key, None)

    def put_report(self, name: str, text: str) -> None:
        self.reports[name] = text

    def report(self, name: str) -> str | None:
        return self.reports.get(name)

    def put_rendered(self, rendered: RenderedIssue) -> None:
        self.renderings[rendered.slug, rendered.content_hash] = rendered

    def rendered(self, slug: str, content_hash: str) -> RenderedIssue:
        if (slug, content_hash) not in self.renderings:
            raise MissingRenderingError(slug)
        return self.renderings[slug, content_hash]


class MemoryStyle:
    """Where the house style stands."""

    def __init__(self) -> None:
        self.style = NO_HOUSE_STYLE
        self.writes = 0

    def stored(self) -> HouseStyle:
        return self.style

    def put(self, style: HouseStyle) -> None:
        self.style = style
        self.writes += 1


class PlainManuscript:
    """An issue, what it names, and what it becomes."""

    def __init__(
        self,
        issue: Issue,
        pictures: tuple[str, ...],
        render: Callable[[Mapping[str, Picture]], RenderedIssue],
        files: tuple[str, ...] = (),
    ) -> None:
        self.issue = issue
        self.pictures = pictures
        self.files = self.linked = files
        self.neighbours: tuple[str, ...] = ()
        self._render = render

    def render(self, pictures: Mapping[str, Picture], linked_files: Mapping[str, LinkedFile]) -> RenderedIssue:
        return replace(self._render(pictures), files=tuple(linked_files.values()))


class PlainPreflight:
    """Finds what it was told to find, by the title of the issue, and pictures that cannot be shown."""

    def __init__(self, **findings: tuple[Finding, ...]) -> None:
        self.findings = findings

    def check(
        self,
        issue: Issue,
        rendered: RenderedIssue,
        *,
        missing: Sequence[str],
        refused: Mapping[str, str],
        others: Sequence[IssueRecord],
        today: date,
        time_of_day: time,
        own_links: OwnLinks,
    ) -> Preflight:
        pictures = [
            Finding(Level.ERROR, "pictures", f"There is no {name}.", refused.get(name, "Upload it."))
            for name in (*missing, *refused, *own_links.missing)
        ]
        return Preflight((*self.findings.get(issue.title, ()), *pictures), {"words": 1}, rendered.content_hash)


class PlainDocuments:
    """Takes every document for its own text; one that is empty is none."""

    def read(self, source: bytes) -> Document:
        if not source:
            raise InvalidDocumentError("The file is not a document.", "Save it again.")
        return Document("", source.decode(), {"picture-1.png": b"\x89PNG"}, ("comments",))


class MemorySite:
    """The public archive."""

    def __init__(self) -> None:
        self.files: dict[str, SiteFile] = {}

    def read(self, path: str) -> bytes | None:
        return self.files[path].body if path in self.files else None

    def put(self, file: SiteFile) -> bool:
        changed = self.files.get(file.path) != file
        self.files[file.path] = file
        return changed

    def add(self, file: SiteFile) -> None:
        self.files.setdefault(file.path, file)

    def remove(self, path: str) -> bool:
        return self.files.pop(path, None) is not None

    def by_listing(self) -> MemoryListedSite:
        return MemoryListedSite(self)


class MemoryListedSite:
    """The public archive as it stood when its folders were asked for, but for what was written since by this one."""

    def __init__(self, site: MemorySite) -> None:
        self._site = site
        self._folders: dict[str, dict[str, bytes]] = {}

    def read(self, path: str) -> bytes | None:
        return self._site.read(path)

    def put(self, file: SiteFile) -> bool:
        there = self._there(file.path)
        if there.get(file.path) == file.body:
            return False
        there[file.path] = file.body
        return self._site.put(file)

    def remove(self, path: str) -> bool:
        return self._there(path).pop(path, None) is not None and self._site.remove(path)

    def by_listing(self) -> MemoryListedSite:
        return MemoryListedSite(self._site)

    def _there(self, path: str) -> dict[str, bytes]:
        first, *rest = path.split("/")
        folder = f"{first}/{rest[0]}" if first == "issues" else first if rest else ""
        if folder not in self._folders:
            files = self._site.files.items()
            self._folders[folder] = {name: each.body for name, each in files if _lies_in(folder, name)}
        return self._folders[folder]


def _lies_in(folder: str, name: str) -> bool:
    return name.startswith(f"{folder}/") if folder else "/" not in name


class MemoryCache:
    """What was asked to be forgotten, request by request."""

    def __init__(self) -> None:
        self.forgotten: list[frozenset[str]] = []

    def invalidate(self, paths: Collection[str]) -> None:
        self.forgotten.append(frozenset(paths))


class PlainPictures:
    """Takes every picture that says PNG, and makes nothing smaller."""

    def prepare(self, slug: str, name: str, source: bytes) -> tuple[Picture, SiteFile]:
        if not source.startswith(b"\x89PNG"):
            raise InvalidPictureError("The file is not a picture.", "Save it as PNG.")
        path = f"{public_folder(slug)}/{name.removesuffix('.png')}-{sha256(source).hexdigest()[:12]}.png"
        file = SiteFile(path, source, "image/png", "public, max-age=31536000, immutable")
        return Picture(name, path, 600, 400, len(source)), file

    def narrow(self, picture: Picture, file: SiteFile) -> tuple[Picture, SiteFile] | None:  # noqa: ARG002
        return None


class PlainShelf:
    """Puts pictures of the content bucket on the site; dies over those that say so."""

    def __init__(self, content: MemoryContent, site: MemorySite) -> None:
        self.ports = PicturePorts(content, PlainPictures(), site, OneByOne())
        self.asked: list[str] = []

    def put(self, slug: str, name: str) -> Picture | None:
        self.asked.append(name)
        source = self.ports.content.read(f"issues/{slug}/{name}" if slug else f"settings/{name}")
        if source == b"deadly":
            raise UnopenedPictureError("The picture could not be opened.", "Save it again.")
        return put_picture(slug, name, ports=self.ports)


class MemoryFiles:
    """Files beside the issues of a content bucket in memory, and those on a site in memory."""

    def __init__(self, content: MemoryContent, site: MemorySite, *, most_megabytes: int = 50) -> None:
        self._content = content
        self._site = site
        self._most = most_megabytes
        self.versions: dict[tuple[str, str], bytes] = {}

    def look(self, slug: str, name: str) -> LinkedFile | None:
        kind = checked_kind(name)
        found = self._found(slug, name)
        if found is None:
            return None
        source = self._content.objects[f"issues/{slug}/{found}"]
        refuse_weight(len(source), self._most)
        refuse_lie(source[:HEAD], name, kind)
        version = sha256(source).hexdigest()
        self.versions[found, version] = source
        return LinkedFile(found, path_of(slug, name), version, version, len(source))

    def show(self, linked_file: LinkedFile) -> bool:
        kind = kind_of(linked_file.name)
        body = self.versions.get((linked_file.name, linked_file.version))
        if kind is None or body is None:
            return False
        return self._site.put(SiteFile(linked_file.path, body, kind.content_type, "public, max-age=300"))

    def hide(self, slug: str, *, kept_paths: Collection[str]) -> list[str]:
        own = [path for path in self._site.files if path.startswith(f"issues/{slug}/") and kind_of(path)]
        return [path for path in own if path not in kept_paths and self._site.remove(path)]

    def _found(self, slug: str, name: str) -> str | None:
        beside = self._content.objects
        return next((each for each in spellings(name) if f"issues/{slug}/{each}" in beside), None)


class PlainArchive:
    """Pages that say only what they are about."""

    def issue_page(
        self,
        shown_issue: ShownIssue,
        *,
        older: ArchiveEntry | None = None,
        newer: ArchiveEntry | None = None,
    ) -> SiteFile:
        words = [shown_issue.rendered.title]
        words += [f"older:{older.slug}"] if older else []
        words += [f"newer:{newer.slug}"] if newer else []
        words += [f"corrected:{shown_issue.corrected_at.date()}"] if shown_issue.corrected_at else []
        return _page(f"issues/{shown_issue.rendered.slug}/index.html", words)

    def card(self, shown_issue: ShownIssue) -> SiteFile | None:
        slug, title = shown_issue.rendered.slug, shown_issue.rendered.title
        return None if shown_issue.rendered.image else _page(f"issues/{slug}/card-{len(title)}.png", [title])

    def sealed_file(self, shown_issue: ShownIssue) -> SiteFile | None:
        sealed_path = f"issues/{shown_issue.rendered.slug}/issue.json"
        return _page(sealed_path, [shown_issue.rendered.content_hash]) if shown_issue.sent_hash else None

    def translated_pages(
        self, shown_issue: ShownIssue, *, older: ArchiveEntry | None = None, newer: ArchiveEntry | None = None
    ) -> list[SiteFile]:
        return [_page(f"{each.path}index.html", [each.title]) for each in shown_issue.rendered.translations]

    def preview_page(self, shown_issue: ShownIssue, sentence: str, *, lang: str = "") -> SiteFile:
        shown = shown_issue.rendered.in_language(lang)
        return _page(f"issues/{shown.slug}/index.html", [sentence, shown.title])

    def year(self, year: int, issues: Sequence[RenderedIssue], years: Sequence[int]) -> list[SiteFile]:
        return [_page(f"archive/{year}/index.html", [*(each.slug for each in issues), "of", *map(str, years)])]

    def privacy(self, notice: str) -> SiteFile:
        return _page("privacy/index.html", [notice or "the default"])

    def feed_languages(self, headline: WithHeadline) -> frozenset[str]:
        return frozenset(headline.translated_into)

    def archive(
        self,
        newest: Sequence[ArchiveEntry],
        recent: Sequence[ShownIssue],
        years: Sequence[int],
        recent_by_language: Mapping[str, Sequence[ShownIssue]],
    ) -> list[SiteFile]:
        return [
            _page("index.html", [*(each.slug for each in newest), "of", *map(str, years)]),
            _page("feed.json", [each.rendered.content_hash for each in recent]),
            *(
                _page(f"{lang}/feed.json", [each.rendered.title for each in editions])
                for lang, editions in recent_by_language.items()
            ),
        ]


def _page(path: str, words: Sequence[str]) -> SiteFile:
    return SiteFile(path, " ".join(words).encode(), "text/html", "")
