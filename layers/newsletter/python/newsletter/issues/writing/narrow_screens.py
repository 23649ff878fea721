"""What keeps an issue as narrow as a phone: wide tables scroll or become records, and long words can break.

A mail cannot rely on a region that scrolls (Gmail and Yahoo on Android cut it off, Outlook on Windows has none) nor on
`overflow-wrap` (Gmail, Yahoo and Outlook know it nowhere). Source: https://www.caniemail.com/features/css-overflow/ and
https://www.caniemail.com/features/css-overflow-wrap/, read in May 2026.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence

from markupsafe import escape

from newsletter.core.language import msg
from newsletter.web.jinja import Templates

PHONE_COLUMN = 335
"""Pixels that a phone of 375 leaves between the margins of the card."""

CHARACTER = 8
"""Pixels, the mean of a letter of 15 pixels; a table that is a little narrower than we think does no harm."""

CELL_PADDING = 14
"""Pixels, both sides of a cell together."""

LONGEST_WORD = 30
"""Characters of a word that cannot widen a phone's mail; Gmail breaks longer ones by itself at the same place."""


def with_records(article: str) -> str:
    """Return the article with each table that is wider than a phone as records: a row is a list of its cells.

    A table with cells that span others stays one: which heading belongs to them, nobody could say.
    """
    return re.sub(r"<table\b[^>]*>((?:(?!<table\b).)*?)</table>", _as_records, article, flags=re.DOTALL)


def with_breaks(article: str, *, unbroken: str) -> str:
    """Return the article with places to break in words longer than a phone's line; code keeps its own lines.

    Args:
        article: Clean HTML.
        unbroken: A pattern of what must not be broken, whatever its length: it stands for something else.
    """
    character = re.compile(rf"{unbroken}|&[#\w]+;|.", re.DOTALL)

    def broken(found: re.Match[str]) -> str:
        """Return a long word with breaks behind the marks in addresses, and where there are none, after a line."""
        written: list[str] = []
        since = 0
        for one in character.findall(found[0]):
            plain = html.unescape(one)
            if since >= LONGEST_WORD and not _joins(plain, written[-1]):
                written.append("<wbr>")
                since = 0
            written.append(one)
            since += 1
            if since >= LONGEST_WORD // 2 and plain in ADDRESS_MARKS:
                written.append("<wbr>")
                since = 0
            if _is_wide(plain):
                since = 0  # may break anywhere as it is
        return "".join(written)

    pieces = re.split(r"(<pre\b.*?</pre>|<[^>]*>)", article, flags=re.DOTALL)
    return "".join(piece if piece.startswith("<") else _LONG.sub(broken, piece) for piece in pieces)


ADDRESS_MARKS = tuple("/-_.?&=")
"""Behind these an address breaks best."""

_LONG = re.compile(rf"(?:&[#\w]+;|[^\s<&]){{{LONGEST_WORD + 1},}}")


def _joins(character: str, before: str) -> bool:
    """Return whether a character belongs to the one before it: an accent, a variant, or a part of an emoji."""
    return unicodedata.category(character[0]).startswith("M") or "\u200d" in (character, before)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character[0]) in "WF"


def _as_records(found: re.Match[str]) -> str:
    table = found[0]
    rows = [re.findall(r"<t([hd])\b([^>]*)>(.*?)</t[hd]>", row, re.DOTALL) for row in _rows(found[1])]
    if len(rows) < 2 or any("span=" in attributes for row in rows for _, attributes, _ in row):
        return table
    cells = [[inside.strip() for _, _, inside in row] for row in rows]
    if {len(row) for row in cells} != {len(cells[0])} or _width(cells) <= PHONE_COLUMN:
        return table
    caption = re.search(r"<caption\b[^>]*>(.*?)</caption>", table, re.DOTALL)
    title = f'<p class="records"><strong>{caption[1].strip()}</strong></p>\n' if caption else ""
    return title + "\n".join(_record(cells[0], row) for row in cells[1:])


def _rows(inside: str) -> Iterator[str]:
    for row in re.finditer(r"<tr\b[^>]*>(.*?)</tr>", inside, re.DOTALL):
        yield row[1]


def _width(rows: Sequence[Sequence[str]]) -> int:
    """Return how many pixels the table needs at least, when every cell breaks between its words."""
    return sum(CELL_PADDING + CHARACTER * max(map(_longest_word, column)) for column in zip(*rows, strict=True))


def _longest_word(cell: str) -> int:
    words = html.unescape(re.sub(r"<[^>]*>", "", cell)).split()
    return max((sum(1 + _is_wide(each) for each in word) for word in words), default=0)


def _record(head: Sequence[str], row: Sequence[str]) -> str:
    first, *others = zip(head, row, strict=True)
    lines = [f"<div><strong>{first[1] or first[0]}</strong></div>"]
    lines += [f"<div>{name}: {value}</div>" if name else f"<div>{value}</div>" for name, value in others if value]
    return f'<div class="record">{"".join(lines)}</div>'


def with_scrolling_tables(article: str, templates: Templates, *, lang: str, dress: str) -> str:
    """Return the article with each table in a region that also scrolls by keyboard, and says what it is.

    Args:
        article: Clean HTML.
        templates: Who speaks.
        lang: The language of the article.
        dress: The attribute that makes the region scroll; a page has a stylesheet, a mail has none.
    """
    count = 0

    def region(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        label = escape(templates.say(msg("Table %(number)s"), lang=lang, number=count))
        return f'<div {dress} role="region" aria-label="{label}" tabindex="0">{found[0]}'

    return re.sub(r"<table\b", region, article).replace("</table>", "</table></div>")
