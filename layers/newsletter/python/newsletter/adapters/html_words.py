"""Raw HTML in an issue, as the words of its text part."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import nh3

from newsletter.adapters.markdown import SCHEMES, TAGS


def words_of_html(source: str, reference: Callable[[str, str], str]) -> str:
    """Return raw HTML as text; `reference` writes a link, from its words and its address."""
    reader = _HtmlText(reference)
    # Clean first: an unclosed comment would make the parser read its source again and again.
    reader.feed(nh3.clean(source, tags=TAGS, url_schemes=set(SCHEMES), link_rel=None))
    reader.close()
    return reader.text()


class _HtmlText(HTMLParser):
    """Reads the words, links and pictures of raw HTML."""

    _LINES = frozenset(
        "br p div li tr h1 h2 h3 h4 h5 h6 dt dd figcaption table ul ol blockquote pre".split()  # noqa: SIM905
    )

    def __init__(self, reference: Callable[[str, str], str]) -> None:
        super().__init__(convert_charrefs=True)
        self._reference = reference
        self._parts: list[str] = []
        self._href: str | None = None
        self._link_from = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag in self._LINES:
            self._parts.append("\n")
        elif tag == "a" and known.get("href"):
            self._href, self._link_from = known["href"], len(self._parts)
        elif tag == "img" and known.get("alt"):
            self._parts.append(f"[Picture: {known['alt']}]")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._LINES:
            self._parts.append("\n")
        elif tag == "a" and self._href:
            words = "".join(self._parts[self._link_from :])
            self._parts[self._link_from :] = [self._reference(words, self._href)]
            self._href = None

    def handle_data(self, data: str) -> None:
        self._parts.append(data.replace("\n", " "))

    def text(self) -> str:
        """Return the words, each block on a line of its own."""
        lines = (" ".join(line.split()) for line in "".join(self._parts).split("\n"))
        return "\n".join(line for line in lines if line)
