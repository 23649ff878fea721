"""A draft is shown as its readers would get it, at once, and nothing is written anywhere."""

from __future__ import annotations

import copy
import datetime
import re
import time

import pytest

from newsletter.desk.drafts.ports import DraftPreviewPorts
from newsletter.desk.drafts.preview_draft import BANNER, DraftPreview, preview_draft
from newsletter.errors import InvalidPictureError
from newsletter.issues.checking.preflight import IssueChecks
from newsletter.issues.domain.picture import Picture
from newsletter.issues.examination_ports import ExaminationPorts
from tests.factories import record, rendered
from tests.issues.fakes import MemoryContent, MemoryFiles, MemoryIssues, MemorySite
from tests.issues.rendering_samples import ARCHIVE, NEWSLETTER, RENDERER, SAMPLE, URL

TODAY = datetime.date(2026, 11, 26)
SLUG = SAMPLE.stem
PAGE_URL = f"{URL}/desk/issues/{SLUG}/"


class DeskPictures:
    """Pictures as the desk serves them."""

    def __init__(self, content: MemoryContent) -> None:
        self.content = content

    def shown(self, slug: str, name: str) -> Picture | None:
        body = self.content.read(f"issues/{slug}/{name}")
        if body == b"broken":
            raise InvalidPictureError("It is broken.", "Save it again.")
        return Picture(name, f"desk/issues/{slug}/files/{name}", 600, 400, 1) if body else None


class Place:
    """A bucket, and all that looking at a draft reads."""

    def __init__(self, **files: bytes) -> None:
        self.content = MemoryContent()
        self.content.objects |= {f"issues/{SLUG}/{name.replace('_', '.')}": body for name, body in files.items()}
        self.site = MemorySite()
        other = rendered(slug="2026-11-17-other")
        self.content.put_rendered(other)
        self.issues = MemoryIssues(record(slug=other.slug, content_hash=other.content_hash))
        self.ports = DraftPreviewPorts(
            examination=ExaminationPorts(reader=RENDERER, preflight=IssueChecks(NEWSLETTER, URL)),
            archive=ARCHIVE,
            issues=self.issues,
            content=self.content,
            files=MemoryFiles(self.content, self.site),
            pictures=DeskPictures(self.content),
        )

    def look(self, text: str) -> DraftPreview:
        return preview_draft(SLUG, text, ports=self.ports, page_url=PAGE_URL, today=TODAY)


def draft(body: str, **fields: str) -> str:
    lines = "".join(f"{name}: {value}\n" for name, value in {"title": "Homes", "date": "2026-12-01", **fields}.items())
    return f"---\n{lines}---\n\n{body}\n"


def test_a_draft_is_shown_as_email_text_page_and_in_an_inbox() -> None:
    shown = Place(chart_png=b"PNG").look(
        draft(
            "Hello {{ name | there }},\n\n![A chart.](chart.png)",
            subject='"For {{ name | you }}"',
            summary="What we did.",
        )
    )

    assert (shown.problems, shown.subject, shown.summary) == ((), "For you", "What we did.")
    for view in (shown.mail_html, shown.dark_html, shown.page_html):
        assert "Hello there," in view
        assert f"{URL}/desk/issues/{SLUG}/files/chart.png" in view
    assert "color-scheme:dark" in shown.dark_html
    assert "Hello there," in shown.text
    assert BANNER in shown.page_html
    assert "{{" not in shown.mail_html + shown.text
    assert PAGE_URL in shown.text


def test_what_the_checks_find_has_the_line_of_the_text() -> None:
    shown = Place(broken_png=b"broken").look(draft("One.\n\n![](missing.png)\n\n![B.](broken.png)\n\n[a](report.pdf)"))

    assert {(finding.code, finding.line) for finding in shown.preflight.errors} >= {
        ("picture-missing", 8),
        ("picture-refused", 10),
        ("file-missing", 12),
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Words without fields.", 1),
        ("---\ntitle: A\ndate: soon\n---\nWords.", 3),
        ("---\ntitle: [\n---\nWords.", None),
        ("", 1),
    ],
)
def test_a_text_that_cannot_be_read_says_where(text: str, line: int | None) -> None:
    shown = Place().look(text)

    assert shown.problems
    assert line is None or shown.problems[0].line == line
    assert (shown.mail_html, shown.page_html) == ("", "")


def test_nothing_is_written() -> None:
    place = Place(chart_png=b"PNG", report_pdf=b"%PDF-1.7 report")
    before = copy.deepcopy([vars(place.content), vars(place.site), vars(place.issues)])

    place.look(draft("![A chart.](chart.png)\n\n[The report](report.pdf), [another](2026-11-17-other.md)"))

    assert [vars(place.content), vars(place.site), vars(place.issues)] == before


def test_the_sample_issue_is_shown_within_a_third_of_a_second() -> None:
    place, text = Place(**{"services-planned-together_png": b"PNG"}), SAMPLE.read_text()
    place.look(text)  # loads what the first of an environment loads
    took = []
    for number in range(5):
        began = time.process_time()
        shown = place.look(f"{text}\nTyped {number}.\n")
        took.append(time.process_time() - began)

    assert re.search(r"Typed 4\.", shown.mail_html)
    assert min(took) < 0.3
