"""HTML as Word, Google Docs, LibreOffice and Outlook put it on the clipboard, made into Markdown of an issue.

What such HTML means is seldom in its tags: Word writes its lists as paragraphs, and Google its bold text as spans.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, replace
from html import escape
from pathlib import PurePath, PurePosixPath
from urllib.parse import unquote, unquote_to_bytes

from newsletter.desk.adapters.pasted_styles import heading_of, marks_of, word_item
from newsletter.desk.adapters.pasted_tables import table_rows
from newsletter.desk.adapters.pasted_tree import BLOCKS, DATA, Element, read_tree
from newsletter.desk.adapters.pasted_words import (
    BREAK,
    Piece,
    is_blank,
    kept_spaces,
    paragraphs,
    with_kept_spaces,
    written,
)
from newsletter.desk.drafts.pasted import PastedPicture, PastedText, below_the_title
from newsletter.errors import InvalidDocumentError
from newsletter.issues.adapters.html_to_markdown import html_to_markdown
from newsletter.issues.domain.upload import LARGEST_ISSUE, LARGEST_PICTURE

ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/jpg": "jpg", "image/gif": "gif", "image/webp": "webp"}

MOST_PICTURES = 60

RULE = "<hr>"

_FOOTNOTE = re.compile(r"#_?(?:ftn|edn|sdfootnote|sdendnote|footnote-|endnote-)t?(\d+)(?:sym)?", re.IGNORECASE)
_BACK = re.compile(
    r"#_?(?:ftn|edn|ftnt_|sdfootnote|sdendnote|footnote-|endnote-)(?:ref[_-]?)?\d+(?:anc)?", re.IGNORECASE
)
_REMARK = re.compile(r"#_?(?:msocom|cmnt)", re.IGNORECASE)
_NOTE_ID = re.compile(r"(?:_?(?:ftn|edn|sdfootnote|sdendnote|footnote-|endnote-)t?)(\d+)(?:sym)?", re.IGNORECASE)
_MADE_BY_MACHINE = re.compile(
    r"\s*(?:Description automatically generated(?: with \w+ confidence)?|AI-generated content may be incorrect)\.?\s*"
)


def clean_paste(markup: str, *, first_picture: int = 1, first_note: int = 1) -> PastedText:
    """Return pasted HTML as Markdown, with the pictures beside it.

    Nothing that acts is left: scripts, frames, handlers, addresses that run. Comments, tracked deletions and styles go.

    Args:
        markup: As the browser has it from the clipboard.
        first_picture: Number of the first picture, so that none is called like one that the draft has.
        first_note: The same for footnotes.

    Raises:
        InvalidDocumentError: It is longer than an issue can be, or no HTML.
    """
    tree, data = read_tree(markup)
    reading = _Reading(data, first_picture, first_note)
    reading.walk(tree, _Around())
    reading.end_paragraph(_Around())
    markdown = with_kept_spaces(below_the_title(html_to_markdown(_as_html(reading.blocks, reading.notes))))
    if len(markdown.encode()) > LARGEST_ISSUE:
        raise InvalidDocumentError("The text is longer than an issue can be.", "Make several issues of it.")
    return PastedText(markdown, tuple(reading.pictures), not_kept=tuple(reading.not_kept))


@dataclass(frozen=True, slots=True)
class _Around:
    """What the elements around a piece of text say about it."""

    marks: frozenset[str] = frozenset()
    link: str = ""
    heading: int = 0
    lists: tuple[str, ...] = ()
    quoted: bool = False
    note: int = 0


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph, a heading, a part of a list, or a table."""

    html: str
    level: int = 0
    """How deep in lists; 0 is in none."""
    kind: str = "ul"
    begins_item: bool = False
    quoted: bool = False
    note: int = 0


class _Reading:
    """Walks through the tree of a paste once, and gathers blocks, footnotes and pictures."""

    def __init__(self, data: dict[str, str], first_picture: int, first_note: int) -> None:
        self.blocks: list[_Block] = []
        self.notes: list[_Block] = []
        self.pictures: list[PastedPicture] = []
        self.not_kept: list[str] = []
        self._data = data
        self._first_picture = first_picture
        self._first_note = first_note
        self._note_numbers: dict[str, int] = {}
        self._pieces: list[Piece] = []
        self._begins_item = ""
        """The kind of list whose item the next paragraph begins; empty if it begins none."""

    def walk(self, element: Element, around: _Around) -> None:
        """Read what an element holds."""
        for child in element.children:
            if isinstance(child, str):
                text = re.sub(r"[ \t\r\n\f]+", " ", kept_spaces(child)).replace("\xa0", " ")
                self._pieces.append(Piece(text, around.marks, around.link))
            elif child.tag == "br":
                self._pieces.append(Piece(BREAK))
            elif child.tag == "img":
                self._take_picture(child, around)
            elif child.tag in BLOCKS:
                self._read_block(child, around)
            else:
                self._read_inline(child, around)

    def _read_inline(self, element: Element, around: _Around) -> None:
        if "mso-list:ignore" in element.style.replace(" ", ""):
            return  # the sign or the number that Word writes before an item
        address = element.attributes.get("href", "")
        if element.tag == "a" and _REMARK.match(address):
            return
        if element.tag == "a" and (found := _FOOTNOTE.fullmatch(address)) and not around.note:
            number = self._note_numbers.setdefault(_note_key(address, found[1]), len(self._note_numbers))
            mark = f'<a href="#footnote-{self._first_note + number}">x</a>'
            self._pieces.append(Piece("", markup=mark))
            return
        if element.tag == "a" and around.note and _BACK.fullmatch(address):
            return
        marks = marks_of(element, around.marks)
        link = address if element.tag == "a" and address and not address.startswith("#") else around.link
        self.walk(element, replace(around, marks=marks, link=link))

    def _read_block(self, element: Element, around: _Around) -> None:
        note = self._note_of(element)
        self.end_paragraph(around)
        if element.tag == "hr":
            self.blocks.append(_Block(RULE, quoted=around.quoted))
            return
        if element.tag == "table":
            self._read_table(element, around)
            return
        inside = replace(
            around,
            marks=marks_of(element, around.marks),
            heading=heading_of(element) or around.heading,
            quoted=around.quoted or element.tag == "blockquote" or "quote" in element.classes.split("cxsp")[0],
            note=note or around.note,
        )
        if element.tag in ("ul", "ol"):
            inside = replace(inside, lists=(*around.lists, element.tag))
        elif element.tag == "li":
            inside = self._in_item(element, inside)
        elif found := word_item(element):
            level, kind = found
            inside = replace(inside, lists=(*(kind,) * level,))
            self._begins_item = kind
        self.walk(element, inside)
        self.end_paragraph(inside)
        if element.tag == "li":
            self._begins_item = ""

    def _in_item(self, element: Element, inside: _Around) -> _Around:
        """Return what is around the text of a list's item; Word in a browser says its level beside it."""
        said = element.attributes.get("data-aria-level") or element.attributes.get("aria-level", "")
        lists = inside.lists or ("ul",)
        if said.isdecimal() and 0 < int(said) <= 9 and int(said) > len(lists):
            lists = (lists[-1],) * int(said)
        self._begins_item = lists[-1]
        return replace(inside, lists=lists)

    def _note_of(self, element: Element) -> int:
        """Return the number of the footnote that this block is, or 0: its id says so, or its first link."""
        if element.tag not in ("div", "li", "p"):
            return 0
        found = _NOTE_ID.fullmatch(element.attributes.get("id", ""))
        if found is None and (anchor := _first_anchor(element)) and _BACK.fullmatch(anchor.get("href", "")):
            found = _NOTE_ID.fullmatch(anchor.get("id") or anchor.get("name", ""))
        key = _note_key(f"#{found[0]}", found[1]) if found else ""
        return self._first_note + self._note_numbers[key] if key in self._note_numbers else 0

    def _read_table(self, element: Element, around: _Around) -> None:
        rows = table_rows(element)
        if rows is None:  # it only arranges what stands in it
            self.walk_layout(element, around)
            return
        lines = []
        for row in rows:
            cells = []
            for cell in row:
                outer, self._pieces = self._pieces, []
                blocks, self.blocks = self.blocks, []
                if cell is not None:
                    self.walk(cell, replace(around, lists=(), heading=0, quoted=False))
                self.end_paragraph(replace(around, lists=(), heading=0, note=0))
                cells.append(" ".join(re.sub(r"</?(?:p|h\d|li)>", "", block.html) for block in self.blocks))
                self._pieces, self.blocks = outer, blocks
            lines.append("".join(f"<td>{cell}</td>" for cell in cells))
        if lines:
            html = f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"
            self._add(_Block(html, quoted=around.quoted), around)

    def walk_layout(self, element: Element, around: _Around) -> None:
        """Read a table that only arranges: each of its cells is a part of the text."""
        for child in element.children:
            if isinstance(child, Element) and child.tag in ("tbody", "thead", "tfoot", "tr", "td", "th", "caption"):
                self.end_paragraph(around)
                self.walk_layout(child, around) if child.tag not in ("td", "th") else self.walk(child, around)
        self.end_paragraph(around)

    def end_paragraph(self, around: _Around) -> None:
        """Make blocks of the words that were read."""
        pieces, self._pieces = self._pieces, []
        if is_blank(pieces):
            return
        tag = f"h{around.heading}" if around.heading else "p"
        without = frozenset({"strong"}) if around.heading else frozenset[str]()
        for paragraph in paragraphs(pieces):
            self._add(_Block(f"<{tag}>{written(paragraph, without=without)}</{tag}>", quoted=around.quoted), around)

    def _add(self, block: _Block, around: _Around) -> None:
        if around.note:
            if not self.notes and self.blocks and self.blocks[-1].html == RULE:
                self.blocks.pop()  # it parts the notes from the text, as those of a page do by themselves
            self.notes.append(replace(block, note=around.note))
            return
        begins, self._begins_item = self._begins_item, ""
        if around.lists and not around.heading:
            block = replace(block, level=len(around.lists), kind=around.lists[-1], begins_item=bool(begins))
        self.blocks.append(block)

    def _take_picture(self, element: Element, around: _Around) -> None:
        source = element.attributes.get("src", "").strip()
        alt = _MADE_BY_MACHINE.sub(" ", " ".join(element.attributes.get("alt", "").split())).strip()
        if not source:
            return
        picture = self._picture(source, alt)
        if picture is None:
            return
        self.pictures.append(picture)
        markup = f'<img src="{picture.name}" alt="{escape(alt)}">'
        self._pieces.append(Piece("", frozenset(), around.link, markup))

    def _picture(self, source: str, alt: str) -> PastedPicture | None:
        if len(self.pictures) == MOST_PICTURES:
            self._lose(f"more than {MOST_PICTURES} pictures")
            return None
        number = self._first_picture + len(self.pictures)
        if source.startswith("data:"):
            kind, body = _decoded(self._data.get(source, ""))
            if kind not in ENDINGS or not body:
                self._lose("pictures that no browser shows")
                return None
            if len(body) > LARGEST_PICTURE:
                self._lose("pictures that are too large")
                return None
            return PastedPicture(f"picture-{number}.{ENDINGS[kind]}", body, alt=alt)
        scheme = source.partition(":")[0].lower() if ":" in source else ""
        if scheme in ("http", "https"):
            ending = PurePosixPath(unquote(source.partition("?")[0])).suffix.lower().lstrip(".")
            shown = source
        elif scheme in ("file", "", "cid") or len(scheme) == 1:
            shown = PurePath(unquote(source).replace("\\", "/")).name
            ending = PurePosixPath(shown).suffix.lower().lstrip(".")
        else:
            return None  # `javascript:`, `blob:` and the like show nothing elsewhere
        ending = "jpg" if ending == "jpeg" else ending
        return PastedPicture(f"picture-{number}.{ending if ending in ENDINGS.values() else 'png'}", b"", shown, alt)

    def _lose(self, what: str) -> None:
        if what not in self.not_kept:
            self.not_kept.append(what)


def _decoded(address: str) -> tuple[str, bytes]:
    """Return the type and the bytes of a `data:` address."""
    found = DATA.fullmatch(address)
    if found is None:
        return "", b""
    try:
        body = unquote_to_bytes(found[3])
        return found[1].lower(), base64.b64decode(body) if "base64" in found[2].lower() else body
    except (binascii.Error, ValueError):
        return "", b""


def _note_key(address: str, number: str) -> str:
    return f"{'e' if re.match(r'#_?(edn|sdendnote|endnote)', address, re.IGNORECASE) else 'f'}{number}"


def _first_anchor(element: Element) -> dict[str, str]:
    """Return the attributes of the anchor that a block begins with, or none."""
    while element.tag != "a":
        first = next((each for each in element.children if not isinstance(each, str) or each.strip()), None)
        if not isinstance(first, Element):
            return {}
        element = first
    return element.attributes


def _as_html(blocks: list[_Block], notes: list[_Block]) -> str:
    """Return simple HTML: items in their lists, footnotes at the end."""
    html: list[str] = []
    open_lists: list[str] = []
    for block in blocks:
        level = min(block.level, len(open_lists) + 1)
        while len(open_lists) > level or (level and len(open_lists) == level and open_lists[-1] != block.kind):
            html.append(f"</li></{open_lists.pop()}>")
        if level and len(open_lists) < level:
            html.append(f"<{block.kind}><li>")
            open_lists.append(block.kind)
        elif level and block.begins_item:
            html.append("</li><li>")
        html.append(f"<blockquote>{block.html}</blockquote>" if block.quoted else block.html)
    html += [f"</li></{kind}>" for kind in reversed(open_lists)]
    if notes:
        by_number: dict[int, list[str]] = {}
        for note in notes:
            by_number.setdefault(note.note, []).append(note.html)
        items = (f'<li id="footnote-{number}">{"".join(texts)}</li>' for number, texts in sorted(by_number.items()))
        html.append(f"<ol>{''.join(items)}</ol>")
    return "".join(html)
