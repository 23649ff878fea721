"""The page of an issue before it is public, for whoever has its address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newsletter.core.site_file import SiteFile
from newsletter.desk.domain.preview_banner import preview_sentence
from newsletter.desk.domain.preview_view import View, mail_in_view
from newsletter.errors import InvalidTokenError
from newsletter.issues.domain.issue_record import IssueRecord
from newsletter.issues.domain.site import ShownIssue
from newsletter.issues.ports import ContentStore, IssueStore
from newsletter.issues.site_ports import ArchiveRenderer


@dataclass(frozen=True, slots=True)
class PreviewPagePorts:
    """What showing a preview page touches."""

    issues: IssueStore
    content: ContentStore
    archive: ArchiveRenderer
    needs_approval: bool


def show_preview(slug: str, since: datetime, *, ports: PreviewPagePorts, lang: str = "") -> SiteFile:
    """Return the page of the newest good upload in this language, with a banner that says that it is a preview.

    Raises:
        InvalidTokenError: The address was ended, or the issue was withdrawn.
    """
    record = _previewed(slug, since, ports)
    shown = ShownIssue(ports.content.rendered(slug, record.content_hash), record.corrected_at)
    sentence = preview_sentence(record, needs_approval=ports.needs_approval)
    return ports.archive.preview_page(shown, sentence, lang=lang)


def show_mail(slug: str, since: datetime, view: View, *, page_url: str, ports: PreviewPagePorts, lang: str = "") -> str:
    """Return the email of the newest good upload in this language, as this view shows it.

    Raises:
        InvalidTokenError: As `show_preview`.
    """
    record = _previewed(slug, since, ports)
    return mail_in_view(ports.content.rendered(slug, record.content_hash).in_language(lang), view, page_url)


def _previewed(slug: str, since: datetime, ports: PreviewPagePorts) -> IssueRecord:
    record = ports.issues.get(slug)
    if record is None or record.withdrawn or record.preview_since != since:
        raise InvalidTokenError("this preview has ended")
    return record
