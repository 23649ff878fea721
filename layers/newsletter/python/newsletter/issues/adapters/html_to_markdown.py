"""Simple HTML, such as a word processor's text becomes, written as Markdown."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser
from urllib.parse import quote

from newsletter.issues.writing.addresses import SCHEMES
from newsletter.web.wrapped_link import unwrapped

MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*", "s": "~~", "del": "~~"}
RAW = frozenset({"sup", "sub"})
"""What Markdown has no mark for, and we let through as HTML."""

_HEADING = re.compile(r"h[1-6]")
_NOTE = re.compile(r"#(?:foot|end)note-(\d+)")
_SPECIAL = re.compile(r"([\\`*_\[\]<~]|&(?=#?\w{1,32};))")
_AT_LINE_START = re.compile(
    r"^(\d{0,9})(#{1,6}(?=\s)|[-+=](?=\s|$)|>|(?<=\d)[.)](?=\s|$)|:(?=\s)|-{3,}$|={3,}$)", re.MULTILINE
)
"""What would begin a block. Of a number it is the dot behind it: before a digit a backslash is a backslash."""
_BREAK_AT_END = re.compile(r"(?<!\\)((?:\\\\)*)\\\s*$")
"""A break that nothing follows; of an even number of backslashes each two are one that is meant."""


def html_to_markdown(markup: str) -> str:
    """Return HTML as Markdown: headings, lists, tables, links, pictures, emphasis and footnotes."""
    writer = _Writer()
    writer.feed(markup)
    writer.close()
    writer.end_block()
    return "\n\n".join(writer.blocks)


class _Writer(HTMLParser):
    """Writes blocks as they end; marks within a line are closed around words, never around spaces."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[str] = []
        self._line: list[str] = []
        self._open: list[tuple[str, str, int]] = []
        """Marks within the line: the tag, the address of a link, and where in the line it began."""
        self._lists: list[tuple[str, int]] = []
        self._item = ""
        """What the next block begins with, if it is the first of an item."""
        self._heading = 0
        self._quotes = 0
        self._rows: list[list[str]] | None = None
        self._notes = False
        self._in_list = False
        """Whether the block before is an item of the same list, so that the next follows without a gap."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in MARKS or tag in RAW or tag == "a":
            self._open.append((tag, values.get("href", ""), len(self._line)))
        elif tag == "img":
            self._picture(values.get("src", ""), values.get("alt", ""))
        elif tag == "br":
            self._line.append(" " if self._rows is not None or self._heading else "\\\n")
        elif tag == "table" and self._rows is None:
            self.end_block()
            self._rows = []
        elif tag == "tr" and self._rows is not None:
            self._rows.append([])
        elif self._rows is not None:
            self._line.append(" ")
        else:
            self._begin_block(tag, values)

    def _begin_block(self, tag: str, values: dict[str, str]) -> None:
        self.end_block()
        if _HEADING.fullmatch(tag):
            self._heading = int(tag[1])
        elif tag in ("ul", "ol"):
            self._lists.append((tag, 0))
        elif tag == "li" and (note := re.fullmatch(r"(?:foot|end)note-(\d+)", values.get("id", ""))):
            self._notes, self._item = True, f"[^{note[1]}]: "
        elif tag == "li" and self._lists:
            kind, count = self._lists[-1]
            self._lists[-1] = (kind, count + 1)
            self._item = "- " if kind == "ul" else f"{count + 1}. "
        elif tag == "blockquote":
            self._quotes += 1
        elif tag == "hr":
            self._write(["---"])

    def handle_endtag(self, tag: str) -> None:
        if tag in ("br", "img", "hr"):
            return
        if self._open and tag == self._open[-1][0]:
            self._end_mark()
        elif self._rows is not None and tag in ("td", "th") and self._rows:
            self._end_marks()
            self._rows[-1].append(" ".join("".join(self._line).split()).replace("|", "\\|"))
            self._line = []
        elif self._rows is not None and tag == "table":
            self._end_table()
        elif self._rows is None:
            self.end_block()
            if tag in ("ul", "ol") and self._lists:
                self._lists.pop()
                self._notes = self._notes and bool(self._lists)
                self._in_list = bool(self._lists)
            elif tag == "blockquote":
                self._quotes = max(self._quotes - 1, 0)

    def handle_data(self, data: str) -> None:
        self._line.append(_SPECIAL.sub(r"\\\1", re.sub(r"\s+", " ", data)))

    def _picture(self, source: str, alt: str) -> None:
        words = " ".join(_SPECIAL.sub(r"\\\1", alt).split())
        self._line.append(f"![{words}]({quote(source, safe='/:?&=%#.-_~')})")

    def _end_mark(self) -> None:
        tag, address, begin = self._open.pop()
        inner = "".join(self._line[begin:])
        del self._line[begin:]
        words = inner.strip()
        before, after = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        self._line.append(f"{before}{_marked(tag, address, words)}{after}" if words else inner)

    def _end_marks(self) -> None:
        while self._open:
            self._end_mark()

    def end_block(self) -> None:
        """Make a block of the line that was read."""
        self._end_marks()
        line = _BREAK_AT_END.sub(r"\1", "".join(self._line).strip()).rstrip()
        text = _AT_LINE_START.sub(r"\1\\\2", line)
        self._line = []
        heading, self._heading = self._heading, 0
        if text:
            self._write([f"{'#' * heading} {' '.join(text.split())}" if heading else text])

    def _write(self, blocks: list[str]) -> None:
        """Write blocks where they belong: behind the mark of their item, within their quotation."""
        item, self._item = self._item, ""
        depth = 0 if self._notes else sum(map(_width, self._lists[:-1]))
        own = 4 if self._notes else sum(map(_width, self._lists[-1:]))
        for block in blocks:
            first, *rest = block.split("\n")
            indent = " " * (depth + own)
            lines = [
                f"{' ' * depth}{item}{first}" if item else f"{indent}{first}",
                *(f"{indent}{line}" for line in rest),
            ]
            written = "\n".join(f"{'> ' * self._quotes}{line}" for line in lines)
            if item and self._in_list and not self._notes:
                self.blocks[-1] += f"\n{written}"
            else:
                self.blocks.append(written)
            self._in_list = bool(item and self._lists)

    def _end_table(self) -> None:
        rows = [row for row in self._rows or [] if any(row)]
        self._rows = None
        if not rows:
            return
        width = max(map(len, rows))
        lines = [f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in rows]
        self._write(["\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]])])


def _width(of_list: tuple[str, int]) -> int:
    """Return how far what belongs to an item stands to the right: as far as its mark is wide."""
    kind, count = of_list
    return len(f"{max(count, 1)}. ") if kind == "ol" else len("- ")


def _marked(tag: str, address: str, words: str) -> str:
    if tag in MARKS:
        return f"{MARKS[tag]}{words}{MARKS[tag]}"
    if tag in RAW:
        return words if words.startswith("[^") else f"<{tag}>{words}</{tag}>"
    if note := _NOTE.fullmatch(address):
        return f"[^{note[1]}]"
    if re.fullmatch(r"#(?:foot|end)note-ref-\d+", address):
        return ""
    target = unwrapped(address)
    if target.partition(":")[0].lower() not in SCHEMES:
        return words
    return (
        f"[{words}](<{escape(target, quote=False).replace('&amp;', '&')}>)"
        if re.search(r"[\s()]", target)
        else f"[{words}]({target})"
    )
