"""An examination: what publishing and the command line both make of an issue, and how little it costs."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

import pytest
from markdown_it.token import Token

from newsletter.issues.checking.preflight import IssueChecks
from newsletter.issues.domain.picture import Picture
from newsletter.issues.examination import examine
from newsletter.issues.examination_ports import ExaminationPorts
from newsletter.issues.writing.clean_html import Keep, Sanitiser
from newsletter.issues.writing.markdown import Markdown
from newsletter.issues.writing.rendering import Renderer
from newsletter.issues.writing.stand_ins import StandIns
from tests.issues.fakes import PlainPictures
from tests.issues.rendering_samples import NEWSLETTER, TEMPLATES, URL

TODAY = datetime.date(2026, 12, 1)
FILES = {"chart.png": b"\x89PNG", "words.png": b"these are words"}
TEXT = "![A chart](chart.png)\n\n![Words](words.png)\n\n![Nothing](nothing.png)\n\nA text of {{ name | you }}.\n"


class CountingMarkdown(Markdown):
    def __init__(self) -> None:
        self.parses = self.renderings = 0

    def parse(self, source: str, stand_ins: StandIns) -> list[Token]:
        self.parses += 1
        return super().parse(source, stand_ins)

    def to_html(self, tokens: Sequence[Token], say: Callable[[str], str] = str) -> str:
        self.renderings += 1
        return super().to_html(tokens, say)


class CountingSanitiser(Sanitiser):
    def __init__(self) -> None:
        self.cleanings = 0

    def clean(self, markup: str, keep: Keep) -> str:
        self.cleanings += 1
        return super().clean(markup, keep)


@pytest.mark.parametrize("summary", ["", "summary: In short.\n"])
def test_an_examination_parses_once_renders_once_and_cleans_page_and_mail_twice_each(summary: str) -> None:
    markdown, sanitiser = CountingMarkdown(), CountingSanitiser()
    renderer = Renderer(TEMPLATES, NEWSLETTER, URL, markdown=markdown, sanitiser=sanitiser)
    ports = ExaminationPorts(renderer, IssueChecks(NEWSLETTER, URL))
    source = f"---\ntitle: Words\ndate: 2026-12-01\n{summary}---\n\n{TEXT}".encode()
    asked: list[str] = []

    def put_picture(name: str) -> Picture | None:
        asked.append(name)
        source = FILES.get(name)
        return PlainPictures().prepare("2026-12-01-words", name, source)[0] if source is not None else None

    manuscript = ports.reader.read("2026-12-01-words", source)
    assert manuscript.pictures == ("chart.png", "words.png", "nothing.png")  # as publishing asks, before it waits
    examined = examine(
        manuscript,
        put_picture=put_picture,
        look_at_file=lambda _: None,
        find_neighbour=lambda _: None,
        compared_with=lambda: (),
        today=TODAY,
        time_of_day=datetime.time(9),
        ports=ports,
    )

    assert (markdown.parses, markdown.renderings, sanitiser.cleanings) == (1, 1, 4)
    assert [picture.name for picture in examined.rendered.pictures] == ["chart.png"]
    assert asked == list(manuscript.pictures)
    found = [finding.message for finding in examined.preflight.errors if finding.check == "picture"]
    assert any("words.png" in message for message in found)
    assert any("nothing.png" in message for message in found)
