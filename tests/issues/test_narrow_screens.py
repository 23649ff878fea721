"""A mail is no wider than a phone: wide tables are records in it, and long words can break."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.issues.writing.narrow_screens import LONGEST_WORD, with_breaks, with_records
from tests.issues.rendering_samples import received, rendered

NARROW = "| Council | 2025 | 2026 |\n| --- | ---: | ---: |\n| Leeds | 12 | 14 |"
WIDE = """| Council | Residents involved | Neighbourhoods reached | Costs in thousand pounds | Status |
| --- | ---: | ---: | ---: | --- |
| Leeds | 1,204 | 14 | 310 | [running](https://example.org/leeds) |
| Swansea | 880 | | 190 | *paused* |"""

NOTHING = "(?!)"


def broken(markup: str) -> str:
    return with_breaks(markup, unbroken=NOTHING)


def test_a_table_that_fits_a_phone_stays_a_table_in_the_mail() -> None:
    assert "<td" in rendered(NARROW).html.partition('role="article"')[2].partition("</table>")[0]


def test_a_wide_table_becomes_records_in_the_mail_and_stays_a_table_on_the_page() -> None:
    issue = rendered(WIDE)
    mail = received(issue)[1].partition('role="article"')[2]

    assert "<div><strong>Leeds</strong></div>" in mail
    assert "<div>Residents involved: 1,204</div>" in mail
    assert re.search(r'<div>Status: <a href="https://example.org/leeds"[^>]*>running</a></div>', mail)
    assert "Neighbourhoods reached: </div>" not in mail  # an empty cell says nothing
    assert '<th class="right" scope="col">Neighbourhoods reached</th>' in issue.web_html


def test_cells_that_span_others_stay_in_their_table() -> None:
    table = "<table><tr><th colspan='2'>" + "W" * 60 + "</th></tr><tr><td>a</td><td>b</td></tr></table>"

    assert "<table" in rendered(table).html.partition('role="article"')[2].partition("</div>")[0]


def test_the_caption_of_a_table_stands_above_its_records() -> None:
    head, cells = "".join(f"<th>Heading{n}</th>" for n in range(6)), "".join(f"<td>{n}</td>" for n in range(6))
    table = f"<table><caption>Who took part</caption><tr>{head}</tr><tr>{cells}</tr></table>"

    assert with_records(table).startswith('<p class="records"><strong>Who took part</strong></p>\n<div class="record">')


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Donaudampfschifffahrtsgesellschaft", "Donaudampfschifffahrtsgesellsc<wbr>haft"),
        ("https://example.org/reports/2026/a-very-long-name", "https://example.<wbr>org/reports/2026/<wbr>a-very-long-name"),
        ("short", "short"),
        ("共同" * 30, "共同" * 30),
        ("<pre>" + "x" * 40 + "</pre>", "<pre>" + "x" * 40 + "</pre>"),
        ("e\u0301" * 31, "e\u0301" * 15 + "<wbr>" + "e\u0301" * 15 + "<wbr>" + "e\u0301"),
    ],
)  # fmt: skip
def test_a_long_word_can_break_behind_the_marks_of_an_address_or_after_a_line(word: str, expected: str) -> None:
    assert broken(word) == expected


def test_what_stands_for_the_readers_name_is_never_broken() -> None:
    issue = rendered("Dear{{ name | there }}Donaudampfschifffahrtsgesellschaft" + "x" * 40)

    assert "there" in received(issue)[1].partition('role="article"')[2].replace("<wbr>", "")
    assert re.search(r"Dear\{\{\w+\}\}", issue.html)


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=200))
def test_breaks_change_no_word_and_leave_none_longer_than_a_line(words: str) -> None:
    markup = html.escape(words)

    written = broken(markup)

    assert html.unescape(written.replace("<wbr>", "")) == html.unescape(markup)
    plain = [html.unescape(each) for each in re.split(r"<wbr>|\s", written)]
    assert all(
        len(each) <= LONGEST_WORD + 1 or re.search(r"[\u0300-\U0010ffff]", each) for each in plain
    )  # marks and wide letters may follow
