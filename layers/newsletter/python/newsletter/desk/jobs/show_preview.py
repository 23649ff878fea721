"""The page of an issue before it is public, for whoever has its address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote, unquote

from newsletter.core.site_file import SiteFile
from newsletter.desk.domain.preview_banner import preview_sentence
from newsletter.desk.domain.preview_view import View, mail_in_view
from newsletter.errors import InvalidTokenError
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.linked_file import path_of
from newsletter.issues.domain.site import ShownIssue
from newsletter.issues.file_ports import FileDownloads
from newsletter.issues.ports import ContentStore, IssueStore
from newsletter.issues.site_ports import ArchiveRenderer


@dataclass(frozen=True, slots=True)
class PreviewPagePorts:
    """What showing a preview page touches."""

    issues: IssueStore
    content: ContentStore
    archive: ArchiveRenderer
    needs_approval: bool
    downloads: FileDownloads
    public_url: str


def show_preview(slug: str, since: datetime, *, page_url: str, ports: PreviewPagePorts, lang: str = "") -> SiteFile:
    """Return the page of the newest good upload in this language, with a banner that says that it is a preview.

    Its links to files of the issue lead below the address of the preview: nowhere else can they be had yet.

    Raises:
        InvalidTokenError: The address was ended, or the issue was withdrawn.
    """
    record = _previewed(slug, since, ports)
    rendered = ports.content.rendered(slug, record.content_hash)
    editions = [_with_files_of_the_preview(each, page_url, ports) for each in (rendered, *rendered.translations)]
    shown = ShownIssue(replace(editions[0], translations=tuple(editions[1:])), record.corrected_at)
    sentence = preview_sentence(record, needs_approval=ports.needs_approval)
    return ports.archive.preview_page(shown, sentence, lang=lang)


def _with_files_of_the_preview(rendered: RenderedIssue, page_url: str, ports: PreviewPagePorts) -> RenderedIssue:
    web_html = rendered.web_html
    for each in rendered.files:
        served, name = each.address(ports.public_url), quote(each.path.removeprefix(f"issues/{rendered.slug}/"))
        for ending in ('"', "#"):
            web_html = web_html.replace(f'href="{served}{ending}', f'href="{page_url}{name}{ending}')
    return replace(rendered, web_html=web_html)


def show_mail(slug: str, since: datetime, view: View, *, page_url: str, ports: PreviewPagePorts, lang: str = "") -> str:
    """Return the email of the newest good upload in this language, as this view shows it.

    Raises:
        InvalidTokenError: As `show_preview`.
    """
    record = _previewed(slug, since, ports)
    return mail_in_view(ports.content.rendered(slug, record.content_hash).in_language(lang), view, page_url)


def show_file(slug: str, since: datetime, name: str, *, ports: PreviewPagePorts) -> str:
    """Return where a file of the newest good upload can be had.

    Raises:
        InvalidTokenError: As `show_preview`, and when its text links to no file of this name.
    """
    record = _previewed(slug, since, ports)
    paths = {path_of(slug, name), path_of(slug, unquote(name))}  # gateways differ in whether they unescape a path
    files = ports.content.rendered(slug, record.content_hash).files
    linked_file = next((each for each in files if each.path in paths), None)
    if linked_file is None:
        raise InvalidTokenError("this preview has ended")
    return ports.downloads.address(linked_file)


def _previewed(slug: str, since: datetime, ports: PreviewPagePorts) -> IssueRecord:
    record = ports.issues.get(slug)
    if record is None or record.withdrawn or record.preview_since != since:
        raise InvalidTokenError("this preview has ended")
    return record
