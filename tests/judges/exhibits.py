"""What the judges look at: every page, every mail and every feed, of real-life issues and of all templates."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from newsletter.core.archive_entry import ArchiveEntry
from newsletter.core.content import MailContent
from newsletter.core.links import AUTOMATIC, issue_headers, unsubscribe_headers
from newsletter.core.site_file import SiteFile
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.site import ShownIssue
from newsletter.web.mime import mime_message
from tests.core.fakes import NOW
from tests.issues.rendering_samples import ARCHIVE, NEWSLETTER, PAGES, URL, received
from tests.newsletters.real_issues import looked, rendered_issues
from tests.web.test_pages import MAIL_CONTEXTS, PAGE_CONTEXTS, mail_of

READER = "ada@example.com"
DATE = "Tue, 01 Dec 2026 09:00:00 +0000"
DELIVERED = f"""\
Return-Path: <0102019400000000-3f1e9c0a@bounce.example.org>
Received: from a8-40.smtp-out.eu-west-1.amazonses.com (a8-40.smtp-out.eu-west-1.amazonses.com [54.240.8.40])
 by mx.example.com with ESMTPS id 4Zk1Xy2Qwz for <{READER}>; {DATE}
Message-ID: <0102019400000000-3f1e9c0a-7d5b-4c2e-8f6a-1b0c9d8e7f6a-000000@eu-west-1.amazonses.com>
Date: {DATE}
"""
"""What SES and the reader's own server put above a message that leaves with a MAIL FROM domain of ours."""


@cache
def site() -> dict[str, SiteFile]:
    """Return the files of an archive that has the real-life issues, by their paths."""
    issues = sent()
    shown = [ShownIssue(issue) for issue in issues]
    shown[0] = ShownIssue(issues[0], corrected_at=NOW)
    entries = [ArchiveEntry.of(issue) for issue in issues]
    files = [
        *(
            ARCHIVE.issue_page(each, older=older, newer=newer)
            for each, older, newer in zip(shown, [*entries[1:], None], [None, *entries[:-1]], strict=True)
        ),
        *ARCHIVE.year(2026, issues, [2026]),
        *ARCHIVE.archive(entries, shown, [2026]),
        ARCHIVE.privacy(""),
    ]
    return {file.path: file for file in files}


def pages() -> dict[str, str]:
    """Return every page that anybody is shown, by a name for it."""
    archive = {path: file.body.decode() for path, file in site().items() if path.endswith(".html")}
    answers = {f"answers/{name}.html": PAGES.page(name, **context) for name, context in PAGE_CONTEXTS.items()}
    return archive | answers


@cache
def mails() -> dict[str, MailContent]:
    """Return every kind of mail, and the mail of every real-life issue that may be sent, by a name for it."""
    kinds = {f"kinds/{name}": mail_of(name) for name in MAIL_CONTEXTS}
    return kinds | {f"issues/{issue.slug}": _content(issue) for issue in sent()}


def messages() -> Iterator[tuple[str, bytes]]:
    """Yield the same mails as they arrive, with every header."""
    list_headers = (
        *unsubscribe_headers(f"{URL}/unsubscribe?token=u", "leave+u@example.org"),
        *issue_headers(NEWSLETTER.sender_email),
    )
    for name, mail in mails().items():
        headers = list_headers if name.startswith("issues/") else (AUTOMATIC,)
        raw = mime_message(NEWSLETTER, READER, mail, headers)
        yield name, DELIVERED.encode() + raw.replace(b"\r\n", b"\n")


def feeds() -> dict[str, bytes]:
    """Return the feeds, by their paths."""
    return {path: site()[path].body for path in ("feed.atom", "feed.rss", "feed.json")}


def sent() -> list[RenderedIssue]:
    """Return the real-life issues that the checks let pass."""
    return [issue for issue in rendered_issues() if not looked(issue.slug).preflight.blocks]


def _content(issue: RenderedIssue) -> MailContent:
    subject, html, text = received(issue, name="Ada")
    return MailContent(subject=subject, html=html, text=text)
