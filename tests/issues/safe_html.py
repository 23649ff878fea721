"""What has to hold for everything an author can write, checked with the parser that browsers agree on."""

from __future__ import annotations

from functools import cache
from xml.etree.ElementTree import Element, tostring

import html5lib
from html5lib.treebuilders import getTreeBuilder

from newsletter.issues.domain.issue import RenderedIssue
from newsletter.issues.domain.personal import VARIABLE
from newsletter.issues.domain.site import ShownIssue
from newsletter.issues.writing.addresses import SCHEMES
from newsletter.issues.writing.clean_html import ATTRIBUTES, TAGS
from tests.issues.rendering_samples import ARCHIVE, received, rendered

ADDED = {
    *("class", "style", "aria-label", "tabindex", "role", "loading", "srcset", "sizes"),
    *("width", "cellpadding", "cellspacing", "border", "bgcolor"),
}
"""Attributes that we put on ourselves, after the author's have been cleaned."""


PLACES = {"page": ".//article/div[@class='prose']", "mail": ".//div[@role='article']"}
"""Where the author's text stands."""


def documents(issue: RenderedIssue) -> dict[str, str]:
    """Return page and mail as one reader gets them."""
    page = ARCHIVE.issue_page(ShownIssue(issue)).body.decode()
    return {"page": page, "mail": received(issue, name="Ada")[1]}


def assert_safe(issue: RenderedIssue) -> None:
    """Fail unless page and mail stand around the text as they stand around one word, and the text holds no danger."""
    for kind, document in documents(issue).items():
        outside, inside = _split(kind, document)
        assert outside == _around()[kind]
        for element in inside:
            _assert_harmless(element)
    for template in (issue.subject, issue.html, issue.text):
        assert "{{" not in VARIABLE.sub("", template)
        assert "\\{{" not in template


@cache
def _around() -> dict[str, str]:
    return {kind: _split(kind, document)[0] for kind, document in documents(rendered("One.")).items()}


def _split(kind: str, document: str) -> tuple[str, list[Element]]:
    """Return a document without the author's text, and the elements of that text."""
    parser = html5lib.HTMLParser(tree=getTreeBuilder("etree"), namespaceHTMLElements=False)
    tree = parser.parse(document)
    # Closed where it has to be, nested as it may be, no attribute twice: browsers repair, mail programs may not.
    assert [error for _, error, _ in parser.errors] == []
    (place,) = tree.findall(PLACES[kind])
    written = [child for child in place if child.get("class") != "title"]
    elements = [element for child in written for element in child.iter()]
    for child in written:
        place.remove(child)
    for kept in (place, *place):  # what is left of the text, on no element of its own
        kept.text, kept.tail = (kept.text if kept is not place else None), (kept.tail if kept is place else None)
    return tostring(tree, encoding="unicode"), elements


def _assert_harmless(element: Element) -> None:
    """Fail if an element is one that we do not allow, or leads where no link may lead."""
    assert element.tag in TAGS | {"wbr"}
    assert set(element.attrib) <= ATTRIBUTES["*"] | ATTRIBUTES.get(str(element.tag), set()) | ADDED
    for name in {"href", "src"} & set(element.attrib):
        assert element.attrib[name].partition(":")[0].lower() in SCHEMES
