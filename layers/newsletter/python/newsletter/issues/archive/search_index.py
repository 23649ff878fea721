"""The search index: the words of each issue, each once, in the form in which the script looks for them."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

from newsletter.issues.domain.issue import RenderedIssue

LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
"""Letters that do not fall apart into a plain one and a mark. The search page hands them to the script."""

WORD = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """Return a text without capitals and diacritics: what `search.js` makes of a question."""
    plain = "".join(
        each for each in unicodedata.normalize("NFKD", text.lower()) if unicodedata.category(each)[0] != "M"
    )
    return "".join(LETTERS.get(each, each) for each in plain)


def search_entry(rendered: RenderedIssue, shown_date: str) -> dict[str, str]:
    """Return what is stored of one issue; `shown_date` is its date as readers read it."""
    reader = _Article()
    reader.feed(rendered.web_html)
    reader.close()
    headings = _words(" ".join([*reader.headings, *rendered.topics, rendered.author]))
    text = _words(" ".join([rendered.summary, *reader.text])) - headings
    return {
        "path": f"/{rendered.path}",
        "date": rendered.date.isoformat(),
        "day": shown_date,
        "lang": rendered.lang,
        "title": rendered.title,
        "summary": rendered.summary,
        "headings": " ".join(sorted(headings)),
        "words": " ".join(sorted(text)),
    }


def _words(text: str) -> set[str]:
    return set(WORD.findall(folded(text)))


class _Article(HTMLParser):
    """Reads headings and text of an article, the descriptions of its pictures among them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.headings: list[str] = []
        self.text: list[str] = []
        self._in_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if re.fullmatch("h[1-6]", tag):
            self._in_heading = True
        self.text += [alt for name, alt in attrs if name == "alt" and alt]

    def handle_endtag(self, tag: str) -> None:
        if re.fullmatch("h[1-6]", tag):
            self._in_heading = False

    def handle_data(self, data: str) -> None:
        (self.headings if self._in_heading else self.text).append(data)
