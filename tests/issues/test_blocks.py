"""Blocks: each in the mail, its text part, the page and the feeds; what cannot be one stays a quotation."""

from __future__ import annotations

import datetime
import os
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.issues.domain.event import LONGEST_LINE, Event
from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.site import ShownIssue
from newsletter.issues.writing.blocks import KINDS, complaints_of
from newsletter.issues.writing.markdown import Markdown
from newsletter.issues.writing.stand_ins import StandIns
from tests.issues.rendering_samples import ARCHIVE, ROOT, rendered
from tests.issues.safe_html import assert_safe

GOLDEN = ROOT / "tests" / "golden" / "blocks"
BLOCKS = (Path(__file__).parent / "blocks.md").read_text("utf-8")
LEEDS = ZoneInfo("Europe/London")
GERMAN = {"note": "Hinweis", "tip": "Tipp", "important": "Wichtig", "warning": "Achtung", "caution": "Vorsicht"}


def complaints(body: str) -> list[tuple[int | None, str]]:
    tokens = Markdown().parse(body, StandIns("a" * 64))
    return [(line, complaint.code) for line, complaint in complaints_of(tokens)]


def outputs(lang: str) -> dict[str, str]:
    issue = rendered(BLOCKS, lang=lang)
    page = ARCHIVE.issue_page(ShownIssue(issue)).body.decode()
    feeds = {file.path: file.body.decode() for file in ARCHIVE.archive([], [ShownIssue(issue)], [2026])}
    (event,) = issue.events
    return {
        "mail.html": _within(issue.html, 'role="article"', "</div>\n</td>"),
        "mail.txt": _within(issue.text, "| *Note*", "-" * 72),
        "page.html": _within(page, "<article", "</article>"),
        "feed.atom": _within(feeds["feed.atom"], "<content", "</content>"),
        "open-evening-with-cake.ics": event.calendar(made_on=issue.date, time_zone=LEEDS).decode(),
    }


def _within(document: str, begin: str, end: str) -> str:
    return begin + document.partition(begin)[2].partition(end)[0] + end + "\n"


@pytest.mark.parametrize("lang", ["en", "fa"])
@pytest.mark.parametrize("name", ["mail.html", "mail.txt", "page.html", "feed.atom", "open-evening-with-cake.ics"])
def test_every_block_becomes_what_it_became_before(name: str, lang: str) -> None:
    made = outputs(lang)[name].encode()
    path = GOLDEN / f"{lang}.{name}"
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(made)

    assert made == path.read_bytes(), "see tests/golden/README.md"


def test_the_golden_issue_has_every_block_and_no_complaint() -> None:
    written = {found.lower() for found in re.findall(r"\[!(\w+)\]", BLOCKS)}

    assert written == set(KINDS) - {"tip", "important", "caution"}  # boxes as the note is one
    assert complaints(BLOCKS) == []


def test_blocks_are_safe_html_in_mail_and_page() -> None:
    assert_safe(rendered(BLOCKS))


def test_a_button_is_a_padded_cell_because_outlook_pads_nothing_else() -> None:
    html = rendered("> [!BUTTON] [Book](https://www.gov.uk/)").html

    assert re.search(
        r'<td class="button"[^>]*mso-padding-alt:14px 26px[^>]*><a class="button-text"[^>]*>Book</a></td>', html
    )


@pytest.mark.parametrize("kind", ["note", "tip", "important", "warning", "caution"])
def test_a_box_says_its_kind_in_the_language_of_the_issue(kind: str) -> None:
    labels = {"de": GERMAN[kind], "en": kind.capitalize()}

    for lang, label in labels.items():
        issue = rendered(f"> [!{kind.upper()}]\n> Words.", lang=lang)
        assert f'<p class="box-title">{label}</p>' in issue.web_html
        assert f"| *{label}*\n" in issue.text


def test_a_mark_may_be_written_in_small_letters_and_stand_in_a_list() -> None:
    assert '<li>\n<aside class="box note">' in rendered("- > [!note]\n  > Words.").web_html


def test_raw_asides_in_a_box_do_not_break_its_table() -> None:
    issue = rendered("> [!NOTE]\n> <aside>\n> inner</aside> </aside>\n>\n> More.\n\nBehind.")

    assert_safe(issue)
    assert issue.html.count("<table") == issue.html.count("</table>")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("> [!HUH]\n> What?", "block-unknown"),
        ("> [!NOTE]\n> A\n>\n> > [!TIP]\n> > B", "block-nested"),
        ("> [!BUTTON]\n> No link.", "block-button"),
        ("> [!BUTTON]\n> [One](https://www.gov.uk/) and words", "block-button"),
        ("> [!BUTTON]", "block-button"),
        ("> [!VIDEO]\n> ![A still.](still.jpg)", "block-video"),
        ("> [!VIDEO]\n> [No picture](https://www.gov.uk/)", "block-video"),
        ("> [!FILE]\n> report.pdf", "block-file"),
        ("> [!MORE]\n> Nothing more.", "block-more"),
        ("> [!FIGURE]\n> Words.", "block-figure"),
        ("> [!EVENT]\n> When: 15 December 2026", "block-event"),
        ("> [!EVENT] Tea\n> When: some day", "block-event"),
        ("> [!EVENT] Tea\n> When: 03/04/2027", "block-event"),
        ("> [!EVENT] Tea\n> When: 31 June 2027", "block-event"),
        ("> [!EVENT] Tea\n> When: 3 June 2027, 18:00–17:00", "block-event"),
    ],
)
def test_what_cannot_be_a_block_says_why_and_keeps_its_words(body: str, code: str) -> None:
    assert [each for _, each in complaints(f"Before.\n\n{body}")] == [code]
    assert_safe(rendered(body))
    for word in re.findall(r"[A-Za-z]{4,}", re.sub(r"\[!\w+\]|\(.*?\)", "", body)):
        assert word in rendered(body).text


def events(body: str) -> tuple[Event, ...]:
    return rendered(body).events


@pytest.mark.parametrize(
    ("when", "starts", "ends"),
    [
        ("When: 15 December 2026", "2026-12-15", ""),
        ("When: 15–17 December 2026", "2026-12-15", "2026-12-17"),
        ("**When:** Tue 15 Dec 2026, 6–7.30pm", "2026-12-15T18:00:00", "2026-12-15T19:30:00"),
        ("Date: 2026-12-15 09:00", "2026-12-15T09:00:00", ""),
        ("Wann: 15. Dezember 2026, 18 bis 20 Uhr", "2026-12-15T18:00:00", "2026-12-15T20:00:00"),
        ("Quand : mardi 1er décembre 2026, 18h30–20h", "2026-12-01T18:30:00", "2026-12-01T20:00:00"),
        ("Cuándo: 15 de diciembre de 2026, 18:00", "2026-12-15T18:00:00", ""),
        ("Pryd: 15 Rhagfyr 2026, 10.00 – 11.15", "2026-12-15T10:00:00", "2026-12-15T11:15:00"),
        ("- When: December 31, 2026 11pm to 1 January 2027 1am", "2026-12-31T23:00:00", ""),
    ],
)
def test_the_day_and_the_hours_of_an_event_are_read_as_people_write_them(when: str, starts: str, ends: str) -> None:
    (event,) = events(f"> [!EVENT] Tea\n> {when}")

    assert event.starts == starts
    assert not ends or event.ends == ends


def test_two_events_of_one_name_have_two_files() -> None:
    tea = "> [!EVENT] Tea\n> When: 2026-12-15\n\n"

    assert [event.name for event in events(tea * 2 + "> [!EVENT] שלום\n> When: 2026-12-15")] == [
        "tea.ics",
        "tea-2.ics",
        "event.ics",
    ]


def test_summer_and_winter_become_utc_and_a_day_stays_a_day() -> None:
    def lines(starts: str, ends: str = "") -> list[str]:
        event = Event("tea.ics", "Tea", starts, ends, page="https://a.example/issues/x/")
        return event.calendar(made_on=datetime.date(2026, 12, 1), time_zone=LEEDS).decode().split("\r\n")

    assert "DTSTART:20260701T170000Z" in lines("2026-07-01T18:00:00")
    assert "DTSTART:20261201T180000Z" in lines("2026-12-01T18:00:00")
    assert lines("2026-12-15", "2026-12-17")[7:9] == ["DTSTART;VALUE=DATE:20261215", "DTEND;VALUE=DATE:20261218"]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])), st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_any_words_come_back_from_the_calendar_file(title: str, place: str) -> None:
    event = Event("tea.ics", title, "2026-12-15", "", place, "https://a.example/issues/x/")
    made = event.calendar(made_on=datetime.date(2026, 12, 1), time_zone=LEEDS)

    assert all(len(line) <= LONGEST_LINE for line in made.split(b"\r\n"))
    unfolded = dict(line.split(":", 1) for line in made.decode().replace("\r\n ", "").split("\r\n") if line)
    assert _unescaped(unfolded["SUMMARY"]) == title
    assert _unescaped(unfolded.get("LOCATION", "")) == place


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def test_a_stored_issue_keeps_its_events() -> None:
    issue = rendered(BLOCKS)

    assert issue.events
    assert RenderedIssue.from_json(issue.to_json()) == issue


def test_the_guide_for_editors_names_every_block_and_its_example_works() -> None:
    guide = (ROOT / "docs" / "editor.md").read_text("utf-8")
    table, _, example = guide.partition("### Blocks")[2].partition("### Code")[0].partition("```markdown\n")
    named = {name.lower() for name in re.findall(r"`(?:\[!)?([A-Z]+)\]?`", table)}

    assert named == set(KINDS)
    assert complaints(example.partition("```")[0]) == []
