"""The newsletter, the sample and the templates that the tests of rendering share."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path
from typing import Any

from newsletter.core.newsletter import Newsletter
from newsletter.issues.adapters.pictures import PillowPictures
from newsletter.issues.archive.archive import Archive
from newsletter.issues.domain.issue import Issue, RenderedIssue
from newsletter.issues.domain.personal import substitute, variables
from newsletter.issues.domain.picture import Picture
from newsletter.issues.writing.front_matter import parse_issue
from newsletter.issues.writing.rendering import Renderer
from newsletter.reports.domain.report_words import FILTERS
from newsletter.web.jinja import Templates
from newsletter.web.pages import Pages

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "issues" / "2026-12-01-more-for-more.md"
URL = "https://news.example.org"
NEWSLETTER = Newsletter(
    name="The Fortnightly Briefing",
    sender_email="letters@example.org",
    reply_to="editors@example.org",
    postal_address="Institute for Public Life\n12 Canal Street, Leeds LS1 4AB",
    editor_email="editors@example.org",
)
TEMPLATES = Templates(ROOT / "templates", FILTERS)
RENDERER = Renderer(TEMPLATES, NEWSLETTER, URL)
PICTURES = PillowPictures()
ARCHIVE = Archive(TEMPLATES, NEWSLETTER, URL, feed_namespace="the stack of the tests")
PAGES = Pages(TEMPLATES, NEWSLETTER, URL)


def issue(body: str = "Words.", **changes: Any) -> Issue:
    """Return an issue with this body; its hash is made of the body, as a file's is."""
    fields: dict[str, Any] = {
        "slug": "2026-12-01-words",
        "title": "Words",
        "subject": "Words",
        "date": datetime.date(2026, 12, 1),
        "summary": "About words.",
        "body": body,
    }
    fields |= changes
    fields["source_hash"] = hashlib.sha256(repr(sorted(fields.items())).encode()).hexdigest()
    return Issue(**fields)


def rendered(body: str = "Words.", **changes: Any) -> RenderedIssue:
    """Return such an issue rendered."""
    written = issue(body, **changes)
    shown = {
        name: Picture(name, f"issues/{written.slug}/{name}", 600, 400, 1) for name in RENDERER.open(written).pictures
    }
    return RENDERER.open(written).render(shown)


def sample() -> RenderedIssue:
    """Return the sample issue of the repository, rendered."""
    issue = parse_issue(SAMPLE.stem, SAMPLE.read_bytes())
    files = {name: (SAMPLE.with_suffix("") / name).read_bytes() for name in RENDERER.open(issue).pictures}
    shown = {name: PICTURES.prepare(issue.slug, name, source)[0] for name, source in files.items()}
    return RENDERER.open(issue).render(shown)


def received(mail: RenderedIssue, name: str = "") -> tuple[str, str, str]:
    """Return subject, HTML and text as one reader gets them."""
    values = variables(
        mail,
        name=name,
        unsubscribe_url=f"{URL}/unsubscribe?token=u",
        preferences_url=f"{URL}/preferences?token=p",
    )
    return substitute(mail.subject, values), substitute(mail.html, values), substitute(mail.text, values)
