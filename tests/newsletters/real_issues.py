"""Issues as people really write them, and what each becomes; `issues/` is laid out like the content bucket."""

from __future__ import annotations

import datetime
from functools import cache
from pathlib import Path

from newsletter.issues.domain.issue import RenderedIssue
from newsletter_cli.editor.desk import Desk
from newsletter_cli.editor.look import Look, look
from tests.issues.rendering_samples import NEWSLETTER, URL

FOLDER = Path(__file__).parent
ISSUES = FOLDER / "issues"
SLUGS = sorted(path.stem for path in ISSUES.glob("*.md"))
DESK = Desk(
    newsletter=NEWSLETTER,
    public_url=URL,
    feed_namespace="the stack of the tests",
    check_links=False,
    others=(),
    local_now=datetime.datetime(2026, 11, 20, tzinfo=datetime.UTC),
    settings="Of the tests.",
)


@cache
def looked(slug: str) -> Look:
    """Return one of the issues, read and checked as `newsletter check` does it."""
    return look(ISSUES / f"{slug}.md", DESK)


def rendered(slug: str) -> RenderedIssue:
    """Return one of the issues, rendered."""
    issue = looked(slug).rendered
    assert issue is not None, f"{slug} cannot be read: {looked(slug).preflight.findings}"
    return issue


def rendered_issues() -> list[RenderedIssue]:
    """Return all of them, newest first, as the archive lists them."""
    return sorted(map(rendered, SLUGS), key=lambda issue: (issue.date, issue.slug), reverse=True)
