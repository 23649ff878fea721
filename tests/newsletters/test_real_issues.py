"""What real-life issues become: article of mail and page, text part, entry of the feed, and what the checks find.

The layout around an article is not repeated here: `tests/golden` has it once.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache

import pytest

from newsletter.core.archive_entry import ArchiveEntry
from newsletter.issues.domain.site import ShownIssue
from tests.issues.rendering_samples import ARCHIVE, received
from tests.newsletters.real_issues import FOLDER, SLUGS, looked, rendered, rendered_issues

GOLDEN = FOLDER / "golden"
REFUSED = {"google-docs-export", "odd-typography", "pasted-html", "photo-walk", "unfinished-draft"}
"""Those that hold what must not reach a reader; the findings say what."""

LARGEST_GOLDEN = 1_500_000
"""Bytes of all of them: what nobody can read, nobody compares."""


def outputs(slug: str) -> dict[str, str]:
    issue = rendered(slug)
    subject, html, text = received(issue, name="Amina")
    page = ARCHIVE.issue_page(ShownIssue(issue)).body.decode()
    return {
        "mail.subject.txt": f"{subject}\n",
        "mail.html": part(r'<div class="text" role="article".*?</div>(?=\n</td>)', html),
        "mail.txt": text,
        "page.html": part(r"<article.*</article>", page),
        "feed.atom": feed_entries()[slug],
        "findings.json": findings(slug),
    }


def findings(slug: str) -> str:
    """Return what the checks find; what they measure changes with every template, and tells nobody anything."""
    written = json.loads(looked(slug).preflight.to_json())
    for measured in ("content_hash", "measures"):
        written.pop(measured)
    return json.dumps(written, ensure_ascii=False, indent=1) + "\n"


@cache
def feed_entries() -> dict[str, str]:
    """Return the entries of one feed that has all the issues."""
    issues = rendered_issues()
    files = ARCHIVE.archive(
        [ArchiveEntry.of(issue) for issue in issues], [ShownIssue(issue) for issue in issues], [2026]
    )
    feed = next(file.body.decode() for file in files if file.path == "feed.atom")
    entries = re.findall(r"<entry.*?</entry>\n", feed, re.DOTALL)
    return {issue.slug: entry for issue, entry in zip(issues, entries, strict=True)}


def part(pattern: str, whole: str) -> str:
    found = re.search(pattern, whole, re.DOTALL)
    assert found, f"nothing like {pattern} is in it"
    return f"{found[0]}\n"


@pytest.mark.parametrize("slug", SLUGS)
def test_an_issue_becomes_what_it_became_before(slug: str) -> None:
    made, folder = outputs(slug), GOLDEN / slug
    if os.environ.get("GOLDEN") == "write":
        folder.mkdir(parents=True, exist_ok=True)
        for name, written in made.items():
            (folder / name).write_text(written, "utf-8", newline="")

    for name, written in made.items():
        assert written == (folder / name).read_text("utf-8"), "see CONTRIBUTING.md, Tests"


def test_what_must_not_be_sent_is_refused_and_nothing_else() -> None:
    assert {slug for slug in SLUGS if looked(slug).preflight.blocks} == REFUSED


def test_no_golden_file_belongs_to_nothing_and_together_they_stay_small() -> None:
    files = [path for path in GOLDEN.rglob("*") if path.is_file()]

    assert {path.parent.name for path in files} == set(SLUGS)
    assert sum(path.stat().st_size for path in files) < LARGEST_GOLDEN
