"""Comments: found again when the text moves, limited, and told to the team once in a quarter of an hour."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from newsletter.desk.domain.comment import Comment, CommentLink
from newsletter.desk.domain.paragraph import Paragraph, paragraphs, place_of
from newsletter.desk.domain.presence import Doing, Presence, presence_sentence

NOW = datetime(2026, 11, 30, 18, 2, tzinfo=UTC)
FILE = """---
title: More for more
---

Hello {{ name | there }},

# Councils **ask**

Councils ask for *more* of
[both](https://example.org/a_(b)), and for `code`.

- First item
- Second, ~~never~~ item

> [!NOTE] Mind
> A box.

![A map](map.png)

| A | B |
|---|---|
| 1 | 2 |

```
some _code_

more
```

snake_case_words and 2 * 3 * 4 stay.
"""


def said(text: str) -> list[tuple[int, str]]:
    return [(each.line, each.words) for each in paragraphs(text)]


def test_a_text_is_read_by_paragraph_with_the_lines_of_the_file() -> None:
    assert said(FILE) == [
        (5, "Hello there,"),
        (7, "Councils ask"),
        (9, "Councils ask for more of both, and for code."),
        (12, "First item"),
        (13, "Second, never item"),
        (15, "Mind: A box."),
        (18, "[Picture: A map]"),
        (20, "A · B 1 · 2"),
        (24, "some _code_ more"),
        (30, "snake_case_words and 2 * 3 * 4 stay."),
    ]
    assert [each.words for each in paragraphs(FILE) if each.is_heading] == ["Councils ask"]


@pytest.mark.parametrize("text", ["", "---", "---\ntitle: x", "\n\n", "---\ntitle: x\n---\n"])
def test_a_file_without_a_text_has_no_paragraph_or_what_is_left_of_it(text: str) -> None:
    assert [each for each in paragraphs(text) if "title" not in each.words] == []


def test_windows_line_ends_and_a_byte_order_mark_change_no_line() -> None:
    assert said("\ufeff" + FILE.replace("\n", "\r\n")) == said(FILE)


@pytest.mark.parametrize("piece", ["**", "*a ", "[", "![", "`", "<!--", "{{ name |", "_a ", "~~", "[^"])
def test_a_long_text_of_opened_marks_is_read_in_no_time(piece: str) -> None:
    text, began = piece * 20_000, time.process_time()
    paragraphs(text)

    assert time.process_time() - began < 5


def a_comment(line: int, quote: str) -> Comment:
    return Comment(NOW, "0f0f0f0f", "ab" * 8, "Jo", "More of what?", line, quote)


def test_a_comment_is_found_where_its_paragraph_went_to() -> None:
    comment = a_comment(9, "Councils ask")
    text = [Paragraph(3, "Councils ask"), Paragraph(12, "Councils ask"), Paragraph(9, "Something else")]

    assert place_of(comment, text) == text[1]
    assert place_of(comment, text[2:]) is None
    assert place_of(a_comment(0, ""), text) is None


def test_a_long_paragraph_is_found_by_its_beginning_whatever_follows() -> None:
    before, after = Paragraph(3, "word " * 60 + "old"), Paragraph(7, "word " * 60 + "new")

    assert place_of(a_comment(3, before.quote), [after]) == after


HERE = [
    Presence("b" * 16, "Amira", Doing.WRITING, NOW - timedelta(seconds=70)),
    Presence("c" * 16, "Ben", Doing.READING, NOW - timedelta(minutes=3)),
    Presence("d" * 16, "Cleo", Doing.WRITING, NOW - timedelta(minutes=6)),
]


@pytest.mark.parametrize(
    ("writing", "sentence"),
    [
        (True, "Amira is writing here too (a minute ago). Ben is looking at it (3 minutes ago). "
         "You can both go on: what each of you types is put together."),
        (False, "Amira is writing on it (a minute ago). Ben is looking at it too (3 minutes ago). "
         "A newer version may be on its way: what is approved is the one on this page."),
    ],
)  # fmt: skip
def test_who_else_is_here_is_said_in_words_and_nobody_who_left(writing: bool, sentence: str) -> None:
    assert presence_sentence(HERE, member_id="a" * 16, writing=writing, now=NOW) == sentence


def test_nobody_is_told_about_themselves() -> None:
    assert presence_sentence(HERE[:1], member_id="b" * 16, writing=True, now=NOW) == ""


def test_a_link_ends_by_itself_after_thirty_days() -> None:
    link = CommentLink("ab" * 8, NOW, "Ann")

    assert link.is_open(NOW + timedelta(days=29, hours=23))
    assert not link.is_open(NOW + timedelta(days=30))
    assert not replace(link, ended=True).is_open(NOW)
