"""Raw HTML in an issue, read as what Markdown would have made of it, so that the text part is written in one way."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

import nh3
from markdown_it.token import Token

from newsletter.issues.writing.addresses import SCHEMES
from newsletter.issues.writing.clean_html import TAGS

INLINE = {"em": "em", "i": "em", "cite": "em", "strong": "strong", "b": "strong", "s": "s", "del": "s", "a": "link"}
"""What stands within a line, and the kind of token that Markdown has for it."""

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})

CONTAINERS = {
    "ul": "bullet_list",
    "ol": "ordered_list",
    "li": "list_item",
    "blockquote": "blockquote",
    "dd": "definition",
    **dict.fromkeys(HEADINGS, "heading"),
}

BREAKS = frozenset("p div aside section details summary figure figcaption caption dl dt br".split())  # noqa: SIM905


def tokens_of_html(html_text: str) -> list[Token]:
    """Return raw HTML as tokens of Markdown."""
    reader = _Reader()
    # Clean first: an unclosed comment would make the parser read its source again and again.
    reader.feed(nh3.clean(html_text, tags=TAGS, url_schemes=set(SCHEMES), link_rel=None))
    reader.close()
    reader.end_line()
    return reader.tokens


def tag_of(html_text: str) -> tuple[str, dict[str, str]]:
    """Return the name of one tag, with a slash before it when it closes, and its attributes."""
    reader = _Tag()
    reader.feed(html_text)
    return reader.name, reader.attributes


class _Tag(HTMLParser):
    name = ""
    attributes: dict[str, str]

    def __init__(self) -> None:
        super().__init__()
        self.attributes = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.name, self.attributes = tag, {name: value or "" for name, value in attrs}

    def handle_endtag(self, tag: str) -> None:
        # "<br/>" is an end as well as a beginning.
        self.name = self.name or f"/{tag}"


class _Reader(HTMLParser):
    """Writes blocks as they end; what stands in a cell of a table is one line, whatever it is."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tokens: list[Token] = []
        self._line: list[Token] = []
        self._open: list[str] = []
        self._rows: list[list[list[Token]]] = []
        self._tables = 0
        self._code: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag in INLINE:
            kind = INLINE[tag] if tag != "a" or "href" in attributes else "words"
            self._line.append(Token(f"{kind}_open", tag, 1, attrs={"href": attributes.get("href", "")}))
        elif tag == "code" and self._code is None:
            self._code = []
        elif tag == "img":
            self._line.append(Token("image", "img", 0, content=attributes.get("alt", ""), children=[]))
        elif tag == "table":
            self._tables += 1
            self._begin_line()
        elif self._tables:
            self._in_table(tag)
        elif tag == "pre":
            self.end_line()
            self._code = []
            self._open.append("pre")
        elif tag == "hr":
            self.end_line()
            self.tokens.append(Token("hr", "hr", 0))
        elif tag in CONTAINERS:
            self.end_line()
            start = int(attributes["start"]) if attributes.get("start", "").isdigit() else 1
            self._open.append(tag)
            self.tokens.append(Token(f"{CONTAINERS[tag]}_open", tag, 1, attrs={"start": min(start, 10**9)}))
        elif tag in BREAKS:
            self._begin_line()

    def handle_endtag(self, tag: str) -> None:
        if tag in INLINE:
            self._line.append(Token(f"{INLINE[tag]}_close", tag, -1))
        elif tag == "code" and self._open[-1:] != ["pre"]:
            self._line.append(Token("code_inline", "code", 0, content=" ".join("".join(self._code or ()).split())))
            self._code = None
        elif tag == "table":
            self._tables -= 1
            if not self._tables:
                self._end_table()
        elif self._tables:
            return
        elif tag == "pre":
            self.tokens.append(Token("code_block", "code", 0, content="".join(self._code or ())))
            self._code = None
            self._open.pop()
        elif tag in CONTAINERS:
            self.end_line()
            self._open.pop()
            self.tokens.append(Token(f"{CONTAINERS[tag]}_close", tag, -1))
        elif tag in BREAKS:
            self._begin_line()

    def handle_data(self, data: str) -> None:
        if self._code is not None:
            self._code.append(data)
        else:
            self._line.append(Token("text", "", 0, content=data))

    def _begin_line(self) -> None:
        if self._tables:
            self._line.append(Token("softbreak", "br", 0))
        else:
            self.end_line()

    def _in_table(self, tag: str) -> None:
        if self._tables == 1 and tag == "tr":
            self._end_cell()
            self._rows.append([])
        elif self._tables == 1 and tag in ("td", "th"):
            self._end_cell()
            self._rows = self._rows or [[]]
            self._rows[-1].append([])
        else:
            self._line.append(Token("softbreak", "br", 0))

    def _end_cell(self) -> None:
        if self._rows and self._rows[-1]:
            self._rows[-1][-1] = [*self._rows[-1][-1], *self._line]
        elif _says_something(self._line):
            self._write("paragraph", "p", self._line)  # the caption
        self._line = []

    def _end_table(self) -> None:
        self._end_cell()
        rows = [row for row in self._rows if row]
        self._rows = []
        if not rows:
            return
        width = max(map(len, rows))
        self.tokens += [Token("table_open", "table", 1), Token("tbody_open", "tbody", 1)]
        for row in rows:
            self.tokens.append(Token("tr_open", "tr", 1))
            for cell in [*row, *[[] for _ in range(width - len(row))]]:
                self._write("td", "td", cell)
            self.tokens.append(Token("tr_close", "tr", -1))
        self.tokens += [Token("tbody_close", "tbody", -1), Token("table_close", "table", -1)]

    def end_line(self) -> None:
        """Make a block of what was read since the last one."""
        line, self._line = self._line, []
        if not _says_something(line):
            return
        holder = self._open[-1] if self._open else ""
        if holder in HEADINGS:
            self.tokens.append(_inline(line))
        elif holder in ("ul", "ol"):
            self.tokens.append(Token("list_item_open", "li", 1))
            self._write("paragraph", "p", line)
            self.tokens.append(Token("list_item_close", "li", -1))
        else:
            self._write("paragraph", "p", line)

    def _write(self, kind: str, tag: str, line: list[Token]) -> None:
        hidden = bool(self._open)
        self.tokens += [Token(f"{kind}_open", tag, 1, hidden=hidden), _inline(line), Token(f"{kind}_close", tag, -1)]


def _says_something(line: list[Token]) -> bool:
    return any(token.content.strip() for token in line)


def _inline(line: list[Token]) -> Token:
    return Token("inline", "", 0, children=list(_paired(line)))


def _paired(line: list[Token]) -> Iterator[Token]:
    """Yield tokens so that each that opens is closed: a block may end in the middle of a link."""
    still_open: list[Token] = []
    for token in line:
        if token.nesting == -1:
            if not still_open:
                continue
            token = Token(still_open.pop().type.replace("_open", "_close"), token.tag, -1)
        elif token.nesting == 1:
            still_open.append(token)
        yield token
    for token in reversed(still_open):
        yield Token(token.type.replace("_open", "_close"), token.tag, -1)
