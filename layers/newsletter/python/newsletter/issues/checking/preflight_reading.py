"""The HTML of a mail, read the way its readers meet it: words, links, pictures and headings."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())  # noqa: SIM905
SILENT = frozenset({"head", "style", "script", "title"})
CODE = frozenset({"code", "pre", "kbd", "samp"})
INLINE = frozenset(
    "a abbr b cite code del dfn em i ins kbd mark q s small span strong sub sup time var".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Link:
    """One link."""

    address: str | None
    """None when the element has lost its address, or never had one."""
    words: str
    anchor: bool
    """Whether other links may lead here: then it needs no address."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture as the mail shows it."""

    address: str
    alt: str


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading; the title of the mail is of rank 1."""

    rank: int
    words: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything there is to read."""

    links: tuple[Link, ...]
    pictures: tuple[Shown, ...]
    headings: tuple[Heading, ...]
    prose: tuple[str, ...]
    """The words of each paragraph, heading or cell, without what stands in code."""
    everything: str
    """All visible words, code included."""
    ids: frozenset[str]


def read_html(html_text: str) -> Reading:
    """Return what a reader sees; never fails, whatever the HTML."""
    reader = _Reader()
    reader.feed(html_text)
    reader.close()
    return reader.reading()


@dataclass(frozen=True, slots=True)
class _Open:
    tag: str
    silent: bool = False
    code: bool = False


class _Reader(HTMLParser):
    """Collects while it walks; text in `display:none` is the preheader, which is checked as the summary."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open = [_Open("")]
        self._links: list[Link] = []
        self._pictures: list[Shown] = []
        self._headings: list[Heading] = []
        self._prose: list[str] = []
        self._block: list[str] = []
        self._all: list[str] = []
        self._ids: set[str] = set()
        self._link: tuple[str | None, bool] | None = None
        self._link_words: list[str] = []
        self._heading_words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if values.get("id"):
            self._ids.add(values["id"])
        if tag not in INLINE:
            self._end_block()
        if tag == "img":
            shown = Shown(values.get("src", ""), " ".join(values.get("alt", "").split()))
            self._pictures.append(shown)
            self._link_words.append(f" {shown.alt} ")
        if tag in VOID:
            return
        around = self._open[-1]
        silent = around.silent or tag in SILENT or "display:none" in values.get("style", "").replace(" ", "")
        self._open.append(_Open(tag, silent, around.code or tag in CODE))
        if tag == "a":
            self._end_link()
            self._link, self._link_words = (values.get("href"), "id" in values), []
        elif tag in _RANKS:
            self._heading_words = []

    def handle_endtag(self, tag: str) -> None:
        if tag not in INLINE:
            self._end_block()
        if tag == "a":
            self._end_link()
        elif tag in _RANKS:
            self._headings.append(Heading(_RANKS[tag], _one_line(self._heading_words)))
        for index in range(len(self._open) - 1, 0, -1):
            if self._open[index].tag == tag:
                del self._open[index:]
                break

    def handle_data(self, data: str) -> None:
        if self._open[-1].silent:
            return
        self._all.append(data)
        self._link_words.append(data)
        self._heading_words.append(data)
        # Something stands where the code was, so that the words around it do not become one.
        self._block.append(" … " if self._open[-1].code else data)

    def reading(self) -> Reading:
        self._end_link()
        self._end_block()
        return Reading(
            tuple(self._links),
            tuple(self._pictures),
            tuple(self._headings),
            tuple(self._prose),
            " ".join("".join(self._all).split()),
            frozenset(self._ids),
        )

    def _end_link(self) -> None:
        if self._link is not None:
            self._links.append(Link(self._link[0], _one_line(self._link_words), self._link[1]))
        self._link = None

    def _end_block(self) -> None:
        self._all.append(" ")
        words = _one_line(self._block)
        if words:
            self._prose.append(words)
        self._block = []


_RANKS = {f"h{rank}": rank for rank in range(1, 7)}

_INVISIBLE = str.maketrans(dict.fromkeys("\u034f\u200b\u200c\u200d\u2060\ufeff\u00ad"))


def _one_line(parts: list[str]) -> str:
    return " ".join("".join(parts).translate(_INVISIBLE).split())
