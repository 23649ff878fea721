"""The HTML of a clipboard as a tree of what counts in it, read in one pass: no browser, no network, bounded depth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from newsletter.desk.drafts.pasted import LARGEST_MARKUP, LARGEST_PASTE, MOST_TAGS
from newsletter.errors import InvalidDocumentError

DEEPEST = 80
"""Levels of elements that are kept; Word's tables within tables have some twenty. Deeper ones lose their tag alone."""

LONGEST_TAG = 100_000
"""Characters between the brackets of a tag, once the pictures within the text are taken out."""

CHUNK = 64 * 1024

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "wbr"})

DROPPED = frozenset(
    {
        *("applet", "audio", "canvas", "del", "embed", "frame", "frameset", "head", "iframe", "input", "link", "math"),
        *("meta", "noscript", "object", "select", "style", "script", "svg", "template", "textarea", "title", "video"),
        "xml",
    }
)
"""Elements that are left out with all they hold. `del` is a deletion that Word tracks; `s` is text struck through."""

BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html"),
        *("li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th"),
        *("thead", "tr", "ul"),
    }
)

CLOSES = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol", "td", "th"})),
    "tr": (frozenset({"tr"}), frozenset({"table"})),
    **dict.fromkeys(("td", "th"), (frozenset({"td", "th"}), frozenset({"tr", "table"}))),
    **dict.fromkeys(("dt", "dd"), (frozenset({"dt", "dd"}), frozenset({"dl", "td", "th"}))),
}
"""What a tag ends that nobody closed, and how far up it is looked for. Any other block ends a paragraph."""

DATA = re.compile(r"data:([\w.+/-]{0,60})((?:;[\w=-]{1,40}){0,4}),([A-Za-z0-9+/=%_\s-]*)", re.ASCII)

HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all|mso-element\s*:\s*comment", re.IGNORECASE)


@dataclass(slots=True)
class Element:
    """One element, or, without a name, the whole text."""

    tag: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    @property
    def style(self) -> str:
        """What its style says, in small letters."""
        return self.attributes.get("style", "").lower()

    @property
    def classes(self) -> str:
        """The names of its classes, in small letters."""
        return self.attributes.get("class", "").lower()

    @property
    def text(self) -> str:
        """Its words."""
        return "".join(each if isinstance(each, str) else each.text for each in self.children)

    def inside(self) -> Iterator[Element]:
        """Yield all elements within, in their order."""
        for each in self.children:
            if isinstance(each, Element):
                yield each
                yield from each.inside()


def read_tree(markup: str) -> tuple[Element, dict[str, str]]:
    """Return the tree of a clipboard's HTML, and its pictures: `data:` addresses by the short name put in their place.

    Raises:
        InvalidDocumentError: It is longer than an issue can be, or nothing that a browser would write.
    """
    if len(markup) > LARGEST_PASTE:
        raise _TOO_LONG
    data: dict[str, str] = {}

    def taken_out(found: re.Match[str]) -> str:
        name = f"data:{len(data)}"
        data[name] = found[0]
        return name

    markup = _without_remarks(DATA.sub(taken_out, _selection(markup)))
    if len(markup) > LARGEST_MARKUP or markup.count("<") > MOST_TAGS:
        raise _TOO_LONG
    builder = _Builder()
    for at in range(0, len(markup), CHUNK):
        builder.feed(markup[at : at + CHUNK])
        if len(builder.rawdata) > LONGEST_TAG + CHUNK:
            raise InvalidDocumentError(
                "The text cannot be read: a tag in it never ends.", "Save it as .docx, and drop that here."
            )
    if not builder.rawdata.startswith("<"):  # what remains is the end of a text, or a tag that was cut off
        builder.close()
    return builder.root, data


_TOO_LONG = InvalidDocumentError(
    "The text is longer than an issue can be.", "Paste it in parts, or save it as .docx and drop that here."
)


def _selection(markup: str) -> str:
    """Return what was selected: Windows puts the whole document around it."""
    begin, end = markup.find("<!--StartFragment-->"), markup.rfind("<!--EndFragment-->")
    return markup[begin if begin >= 0 else 0 : end if end > begin else len(markup)]


def _without_remarks(markup: str) -> str:
    """Return HTML without comments, declarations and Word's conditions; one pass, whatever they hold."""
    kept: list[str] = []
    at = 0
    for found in re.finditer(r"<(?:!--|!|\?)", markup):
        if found.start() < at:
            continue
        kept.append(markup[at : found.start()])
        ending = "-->" if found[0] == "<!--" else ">"
        end = markup.find(ending, found.end())
        if end < 0:
            return "".join(kept)
        at = end + len(ending)
    return "".join([*kept, markup[at:]])


class _Builder(HTMLParser):
    """Builds the tree; what readers never see of a text is not in it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element()
        self._open = [self.root]
        self._left_out: list[str] = []
        """Elements inside the one that is left out, itself first."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._left_out:
            if tag == self._left_out[0] and tag not in VOID:
                self._left_out.append(tag)
            return
        attributes = {name: value or "" for name, value in attrs}
        if _is_left_out(tag, attributes):
            if tag not in VOID:
                self._left_out.append(tag)
            return
        if tag in BLOCKS:
            self._close_implied(tag)
        if ":" in tag:
            return
        element = Element(tag, attributes)
        if len(self._open) <= DEEPEST or tag in VOID:
            self._open[-1].children.append(element)
            if tag not in VOID:
                self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._left_out:
            if tag == self._left_out[0]:
                self._left_out.pop()
            return
        is_block = tag in BLOCKS
        crossed = False
        for number in range(len(self._open) - 1, 0, -1):
            name = self._open[number].tag
            if name == tag and crossed and not is_block:
                del self._open[number]  # a mark that ends within a later paragraph, which goes on
                return
            if name == tag:
                del self._open[number:]
                return
            if name == "table":
                return
            crossed = crossed or name in BLOCKS

    def handle_data(self, data: str) -> None:
        if not self._left_out:
            self._open[-1].children.append(data)

    def _close_implied(self, tag: str) -> None:
        closed, fence = CLOSES.get(tag, (frozenset({"p"}), BLOCKS))
        for number in range(len(self._open) - 1, 0, -1):
            if self._open[number].tag in closed:
                del self._open[number:]
                return
            if self._open[number].tag in fence:
                return


def _is_left_out(tag: str, attributes: dict[str, str]) -> bool:
    if tag in DROPPED or tag.startswith(("v:", "w:", "m:")) or "hidden" in attributes:
        return True
    if HIDDEN.search(attributes.get("style", "")):
        return True
    classes = attributes.get("class", "").lower()
    return "msocommentreference" in classes or "msocomanchor" in classes or classes.startswith("msotoc")
